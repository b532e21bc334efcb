/** `enum` and `const`. */
import { type Cursor, kindOf } from "../../load/cursor.ts";
import type { Schema } from "../../model/schema.ts";
import type { Json, JsonScalar } from "../../model/selector.ts";
import { type Context, UNKNOWN } from "../context.ts";
import { capital, defined, describe, isKind } from "../fields/fields.ts";
import { isForeign, typesNamed } from "./types.ts";

export function readEnum(ctx: Context, cursor: Cursor, list: Cursor): Schema {
  if (!isKind(ctx.report, list, "list")) return UNKNOWN;
  const types = typesNamed(ctx, cursor);
  const foreign = isForeign(ctx, cursor);
  const seen = new Set<unknown>();
  const complex: Json[] = [];
  let nullable = types.includes("null");
  for (const item of list.items()) {
    const value = item.value as Json;
    if (value === null) nullable = true;
    else if (typeof value === "object") complex.push(value);
    else if (seen.has(value)) {
      if (!foreign) {
        const message = `${describe(item)} is in this enum twice.`;
        ctx.report.add("VC1207", item, message, "Remove one of them.");
      }
    } else {
      seen.add(value);
      if (types.length > 0 && !types.some((type) => fits(value, type)) && !foreign) {
        ctx.report.add(
          "VC1212",
          item,
          `${capital(describe(item))} is not of type ${types.join(" or ")}.`,
          typeof value === "string"
            ? "Change the value or the type."
            : `Put it in quotes: "${String(value)}".`,
        );
      }
    }
  }
  const values = [...seen] as JsonScalar[];
  const extra = nullable ? { nullable: true } : {};
  if (complex.length > 0) {
    const members = [...values, ...complex].map((value): Schema => ({ kind: "const", value }));
    return { kind: "union", mode: "any", members, ...extra };
  }
  if (values.length === 0) {
    if (nullable) return { kind: "null" };
    ctx.report.add("VC1207", list, "This enum has no values.", "List at least one.");
    return UNKNOWN;
  }
  return defined({
    kind: "enum" as const,
    values,
    valueDocs: readDocs(ctx, cursor, values),
    closed: isClosed(ctx, cursor),
    ...extra,
  }) as Schema;
}

function fits(value: Json, type: string): boolean {
  const kind = kindOf(value);
  if (type === "integer") return Number.isInteger(value);
  return type === (kind === "text" ? "string" : kind === "mapping" ? "object" : kind);
}

/** A list in the order of the values, or a mapping by value. */
function readDocs(
  ctx: Context,
  cursor: Cursor,
  values: readonly JsonScalar[],
): string[] | undefined {
  const at = cursor.at("enumDescriptions") ?? cursor.at("x-enum-descriptions") ??
    cursor.at("x-enumDescriptions");
  if (at === undefined) return undefined;
  if (at.kind === "list") {
    const texts = at.items().map((item) => typeof item.value === "string" ? item.value : "");
    return values.map((_, index) => texts[index] ?? "");
  }
  if (!isKind(ctx.report, at, "mapping")) return undefined;
  return values.map((value) => {
    const text = at.at(String(value))?.value;
    return typeof text === "string" ? text : "";
  });
}

/** `open: false`: no other values are possible, even in responses. */
export function isClosed(ctx: Context, cursor: Cursor): true | undefined {
  const open = cursor.at("open");
  if (open === undefined || isForeign(ctx, cursor)) return undefined;
  return isKind(ctx.report, open, "boolean") && open.value === false ? true : undefined;
}

export function readConst(ctx: Context, cursor: Cursor): Schema {
  const at = cursor.at("const");
  const value = (at?.json() ?? null) as Json;
  if (value === null) return { kind: "null" };
  const types = typesNamed(ctx, cursor);
  if (
    at !== undefined && types.length > 0 && !types.some((type) => fits(value, type)) &&
    !isForeign(ctx, cursor)
  ) {
    const message = `${capital(describe(at))} is not of type ${types.join(" or ")}.`;
    ctx.report.add("VC1212", at, message, "Change the value or the type.");
  }
  const schema: Schema = { kind: "const", value };
  return types.includes("null") ? { ...schema, nullable: true } : schema;
}
