/** Whether a type can be written into a path, query, header or cookie. */
import type { Cursor } from "../../load/cursor.ts";
import type { ParameterStyle } from "../../model/operation.ts";
import type { Schema } from "../../model/schema.ts";
import type { Context } from "../context.ts";
import { isForeign } from "../schema/types.ts";
import type { TypeTable } from "../types/table.ts";
import { resolve } from "../../model/types/resolve.ts";

export function checkParameterType(
  ctx: Context,
  cursor: Cursor,
  schema: Schema,
  place: string,
  style: ParameterStyle,
): void {
  if (style === "json" || style === "whole" || isForeign(ctx, cursor)) return;
  const problem = problemOf(ctx.types, schema, style, 0);
  if (problem === undefined) return;
  ctx.report.add(
    "VC1613",
    cursor,
    `${problem} has no text form in the ${place} with style ${style}.`,
    place === "query"
      ? "Use `style: deepObject` or `style: json`, or a simpler type."
      : "Use `style: json`, or a simpler type.",
    "key",
  );
}

function problemOf(
  types: TypeTable,
  schema: Schema,
  style: ParameterStyle,
  depth: number,
): string | undefined {
  const at = resolve(types, schema);
  const nested = depth > 0 && style !== "deepObject";
  if (depth > 8) return undefined;
  switch (at.kind) {
    case "bytes":
      return "A file";
    case "array":
    case "tuple": {
      if (nested) return "A list within another value";
      const items = at.kind === "array" ? [at.items] : at.items;
      return first(items, (item) => problemOf(types, item, style, depth + 1));
    }
    case "object":
      if (nested) return "An object within another value";
      return first(
        at.properties,
        (property) => problemOf(types, property.schema, style, depth + 1),
      );
    case "record":
      return nested
        ? "An object within another value"
        : problemOf(types, at.values, style, depth + 1);
    case "union":
    case "intersection":
      return first(at.members, (member) => problemOf(types, member, style, depth));
    default:
      return undefined;
  }
}

function first<T>(list: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of list) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
