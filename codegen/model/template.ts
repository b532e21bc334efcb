/** `"Bearer ${config.apiKey}"` parsed: literal text and path lookups, no evaluation. */

/** The roots of lookups; each field of a spec allows only some of them. */
export type TemplateRoot =
  | "config"
  | "call"
  | "request"
  | "signature"
  | "timestamp"
  | "body"
  | "id"
  | "nonce";

export interface TemplateLiteral {
  readonly kind: "literal";
  readonly text: string;
}

export interface TemplateLookup {
  readonly kind: "lookup";
  readonly root: TemplateRoot;
  /** The path after the root: `config.apiKey` → `["apiKey"]`. */
  readonly path: readonly string[];
  /** `${x?}`: if the value is absent, the whole field is left out. */
  readonly optional: boolean;
  /** `${x ?? "eu"}` or `${x ?? eu}`. */
  readonly fallback?: string;
}

export type TemplatePart = TemplateLiteral | TemplateLookup;
export type Template = readonly TemplatePart[];
