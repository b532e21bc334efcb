/** Text with values of the configuration or of the request in it: lookups of paths, no evaluation. */

export interface TemplateLookup {
  /** `${config.apiKey}` is `["config", "apiKey"]`. */
  readonly get: readonly string[];
  /** When there is no value, the whole field is left out. */
  readonly optional?: true;
  /** In place of a value that is absent. */
  readonly or?: string;
}

export type Template = readonly (string | TemplateLookup)[];
