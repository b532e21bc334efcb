/** What is asked of a JSON value. */
import type { JsonScalar } from "../json.ts";
import { select, type SelectorPath } from "./select.ts";

/** Holds when one of the values stands at the path. */
export interface Condition {
  readonly path: SelectorPath;
  readonly oneOf: readonly JsonScalar[];
}

export function holds(condition: Condition, value: unknown): boolean {
  const at = select(condition.path, value);
  const found = typeof at === "bigint" ? String(at) : at;
  return condition.oneOf.some((allowed) => allowed === found);
}

/** True if there are no conditions. */
export function allHold(conditions: readonly Condition[], value: unknown): boolean {
  return conditions.every((condition) => holds(condition, value));
}
