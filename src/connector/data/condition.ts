import type { JsonScalar } from "../../core/json.ts";
import type { SelectorPath } from "../../sse/mod.ts";

/** Holds when one of the values stands at the path. */
export interface Condition {
  readonly path: SelectorPath;
  readonly oneOf: readonly JsonScalar[];
}
