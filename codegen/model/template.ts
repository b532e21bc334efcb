/** `"Bearer ${config.apiKey}"` parsed: literal text and path lookups, no evaluation. */

/** What a lookup may start with; each field of a spec allows some of them only. */
export type TemplateRoot =
  | "config"
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
  /** What follows the root: `config.apiKey` → `["apiKey"]`. */
  readonly path: readonly string[];
  /** `${x?}`: when the value is absent, the whole field is left out. */
  readonly optional: boolean;
  /** `${x ?? "eu"}` or `${x ?? eu}`. */
  readonly fallback?: string;
}

export type TemplatePart = TemplateLiteral | TemplateLookup;
export type Template = readonly TemplatePart[];
