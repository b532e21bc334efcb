import { select } from "../../sse/mod.ts";
import type { Condition } from "../data/condition.ts";

export function holds(condition: Condition, value: unknown): boolean {
  const found = select(condition.path, value);
  return condition.oneOf.some((allowed) => allowed === found);
}

/** True for no conditions at all. */
export function allHold(conditions: readonly Condition[], value: unknown): boolean {
  return conditions.every((condition) => holds(condition, value));
}
