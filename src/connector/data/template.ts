/** Text with values from the configuration or the request: path lookups, no evaluation. */

export interface TemplateLookup {
  /** `${config.apiKey}` is `["config", "apiKey"]`. */
  readonly get: readonly string[];
  /** If there is no value, the whole field is left out. */
  readonly optional?: true;
  /** Used if the value is absent. */
  readonly or?: string;
}

export type Template = readonly (string | TemplateLookup)[];
