/** `{ $.type: [a, b] }`: selectors with the values they must have. */
import type { Cursor } from "../../load/cursor.ts";
import type { Schema } from "../../model/schema.ts";
import type { Condition, JsonScalar } from "../../model/selector.ts";
import type { Context } from "../context.ts";
import { describe, entriesOf } from "../fields/fields.ts";
import { readSelector, type SelectorRules } from "./selector.ts";
import { select } from "./selector_type.ts";
import { ValueCheck } from "../value/value.ts";

export interface ConditionRules extends SelectorRules {
  /** Only values in the enum make sense, though answers may have others. */
  readonly listed?: boolean;
}

/** Without a type (`undefined`), selectors are only parsed. */
export function readConditions(
  ctx: Context,
  cursor: Cursor,
  schema: Schema | undefined,
  rules: ConditionRules = {},
): Condition[] {
  return entriesOf(ctx.report, cursor).flatMap((entry) => readCondition(ctx, entry, schema, rules));
}

export function readCondition(
  ctx: Context,
  [text, at]: readonly [string, Cursor],
  schema: Schema | undefined,
  rules: ConditionRules = {},
): Condition[] {
  const selector = readSelector(ctx.report, at, text, rules, "key");
  const values = at.kind === "list" ? at.items() : [at];
  const oneOf: JsonScalar[] = [];
  for (const value of values) {
    if (value.kind === "mapping" || value.kind === "list") {
      const message = `A value to compare with belongs here, but ${describe(value)} was found.`;
      ctx.report.add(
        "VC1104",
        value,
        message,
        "Write text, a number, a boolean or null, or a list of them.",
      );
    } else oneOf.push(value.value as JsonScalar);
  }
  if (selector === undefined || oneOf.length === 0) return [];
  if (schema !== undefined) check(ctx, at, { selector, oneOf }, schema, rules.listed ?? false);
  return [{ selector, oneOf }];
}

function check(
  ctx: Context,
  at: Cursor,
  condition: Condition,
  schema: Schema,
  listed: boolean,
): void {
  const found = select(ctx.types, schema, condition.selector);
  if (found.problem !== undefined) {
    ctx.report.add("VC1402", at, found.problem, found.help, "key");
    return;
  }
  const { root } = condition.selector;
  for (const [index, value] of condition.oneOf.entries()) {
    // An absent property reads as null, so comparing with null always makes sense.
    if (value === null) continue;
    const direction = root !== "value" || listed ? "request" : "response";
    const test = new ValueCheck(ctx.types, { direction });
    test.check(found.schema, value, []);
    const [misfit] = test.misfits;
    if (misfit === undefined) continue;
    const place = at.kind === "list" ? at.items()[index] ?? at : at;
    const message = `This can never hold: ${misfit.message}`;
    ctx.report.add("VC1405", place, message, misfit.help);
  }
}
