/** A selector with the type it looks into. */
import type { Cursor } from "../../load/cursor.ts";
import type { Schema } from "../../model/schema.ts";
import type { Selector } from "../../model/selector.ts";
import type { Context } from "../context.ts";
import { readSelector, type SelectorRules } from "./selector.ts";
import { kindsOf, select } from "./selector_type.ts";

export interface SelectorInRules extends SelectorRules {
  /** The kinds allowed there; `unknown` always is. */
  readonly kinds?: readonly string[];
}

/** Without a type (`undefined`), it is only parsed. */
export function readSelectorIn(
  ctx: Context,
  at: Cursor,
  schema: Schema | undefined,
  rules: SelectorInRules = {},
): Selector | undefined {
  const selector = readSelector(ctx.report, at, at.value, rules);
  if (selector === undefined || schema === undefined) return selector;
  const found = select(ctx.types, schema, selector);
  if (found.problem !== undefined) {
    ctx.report.add("VC1402", at, found.problem, found.help);
    return undefined;
  }
  if (rules.kinds === undefined) return selector;
  const kinds = kindsOf(ctx.types, found.schema);
  if (kinds.has("unknown") || rules.kinds.some((kind) => kinds.has(kind))) return selector;
  ctx.report.add(
    "VC1403",
    at,
    `\`${selector.text}\` is of kind ${[...kinds].join(" or ")}.`,
    `Select something of kind ${rules.kinds.join(" or ")}.`,
  );
  return undefined;
}
