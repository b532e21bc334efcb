/** Lists and tuples. */
import type { Cursor } from "../../load/cursor.ts";
import type { Schema } from "../../model/schema.ts";
import { type Context, UNKNOWN } from "../context.ts";
import { defined, isKind } from "../fields/fields.ts";
import { checkOrder, count } from "./scalar.ts";

export function readArray(ctx: Context, cursor: Cursor): Schema {
  const minItems = count(ctx, cursor, "minItems");
  const maxItems = count(ctx, cursor, "maxItems");
  checkOrder(ctx, cursor, "minItems", minItems, "maxItems", maxItems);
  const items = cursor.at("items");
  const prefix = cursor.at("prefixItems") ?? (items?.kind === "list" ? items : undefined);
  if (prefix !== undefined) return readTuple(ctx, cursor, prefix, minItems);
  const unique = cursor.at("uniqueItems");
  const uniqueItems = unique !== undefined && isKind(ctx.report, unique, "boolean") &&
    unique.value === true;
  return defined({
    kind: "array" as const,
    items: items === undefined ? UNKNOWN : ctx.readSchema(ctx, items),
    minItems,
    maxItems,
    uniqueItems: uniqueItems ? true : undefined,
  }) as Schema;
}

function readTuple(
  ctx: Context,
  cursor: Cursor,
  prefix: Cursor,
  minItems: number | undefined,
): Schema {
  if (!isKind(ctx.report, prefix, "list")) return UNKNOWN;
  const items = prefix.items().map((item) => ctx.readSchema(ctx, item));
  const after = cursor.at("items");
  const rest = after === undefined || after.kind === "list"
    ? UNKNOWN
    : after.value === false
    ? undefined
    : ctx.readSchema(ctx, after);
  return defined({
    kind: "tuple" as const,
    items,
    required: Math.min(minItems ?? items.length, items.length),
    rest,
  }) as Schema;
}
