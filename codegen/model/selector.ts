/** `$.choices[0].delta.content` and `$body.stream` parsed to segments. */

export type SelectorSegment =
  | { readonly kind: "key"; readonly key: string }
  /** Negative counts from the end: `[-1]` is the last. */
  | { readonly kind: "index"; readonly index: number }
  /** `[*]`: every element. Legal only where the language says so (accumulators, items). */
  | { readonly kind: "each" }
  /** `[$.index]`: the index (or key) is itself read from the event. Legal only in accumulator targets. */
  | { readonly kind: "lookup"; readonly selector: Selector };

export interface Selector {
  /**
   * `value` is `$` (the response body, event, item or payload at hand); `body` is the request body, `input`
   * all that the caller gives.
   */
  readonly root: "value" | "body" | "input";
  readonly segments: readonly SelectorSegment[];
  /** As written, for messages and documentation. */
  readonly text: string;
}

/** `{ $.type: message_start }`: every entry must hold; a list of values means any of them. */
export interface Condition {
  readonly selector: Selector;
  readonly oneOf: readonly JsonScalar[];
}

export type JsonScalar = string | number | boolean | null;
export type Json = JsonScalar | readonly Json[] | { readonly [key: string]: Json };
