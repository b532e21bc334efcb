/** Objects and records. */
import type { Cursor } from "../../load/cursor.ts";
import type { PropertyModel, Schema } from "../../model/schema.ts";
import { type Context, type SchemaOptions, UNKNOWN } from "../context.ts";
import { defined, entriesOf, isKind } from "../fields/fields.ts";
import { checkOrder, checkPattern, count } from "./scalar.ts";
import { isForeign } from "./types.ts";
import { didYouMean } from "../report/suggest.ts";

export function readObject(ctx: Context, cursor: Cursor, options: SchemaOptions): Schema {
  const minProperties = count(ctx, cursor, "minProperties");
  const maxProperties = count(ctx, cursor, "maxProperties");
  checkOrder(ctx, cursor, "minProperties", minProperties, "maxProperties", maxProperties);
  const properties = readProperties(ctx, cursor, options);
  const patterns = cursor.at("patternProperties");
  const additional = cursor.at("additionalProperties");
  const names = cursor.at("propertyNames");
  const keys = names && ctx.readSchema(ctx, names);
  if (properties.length === 0 && patterns === undefined && additional?.value !== false) {
    const values = additional === undefined ? UNKNOWN : ctx.readSchema(ctx, additional);
    return defined({
      kind: "record" as const,
      values,
      keys,
      minProperties,
      maxProperties,
    }) as Schema;
  }
  return defined({
    kind: "object" as const,
    properties,
    additional: readAdditional(ctx, additional),
    additionalImplicit: additional === undefined ? true : undefined,
    patterns: patterns && entriesOf(ctx.report, patterns).map(([pattern, schema]) => {
      checkPattern(ctx, schema, pattern);
      return { pattern, schema: ctx.readSchema(ctx, schema) };
    }),
    minProperties,
    maxProperties,
  }) as Schema;
}

function readAdditional(ctx: Context, cursor: Cursor | undefined): boolean | Schema {
  if (cursor === undefined || typeof cursor.value === "boolean") return cursor?.value !== false;
  return ctx.readSchema(ctx, cursor);
}

function readProperties(ctx: Context, cursor: Cursor, options: SchemaOptions): PropertyModel[] {
  const required = readRequired(ctx, cursor);
  const defining = cursor.at("properties");
  const entries = defining === undefined ? [] : entriesOf(
    ctx.report,
    defining,
    "Write each with its type: `properties: { name: string }`.",
  );
  const properties = entries.map(([name, at]): PropertyModel => ({
    name,
    schema: ctx.readSchema(ctx, at),
    required: required.delete(name),
  }));
  const lax = options.part === true || isForeign(ctx, cursor) ||
    cursor.at("additionalProperties") !== undefined || cursor.at("patternProperties") !== undefined;
  const names = properties.map((property) => property.name);
  for (const [name, at] of required) {
    // In an `allOf` this makes a sibling's property required, whatever its type.
    if (lax) properties.push({ name, schema: UNKNOWN, required: true });
    else {
      const message = `The required property \`${name}\` is not defined.`;
      ctx.report.add("VC1209", at, message, didYouMean(name, names, "properties"));
    }
  }
  return properties;
}

/** Some OpenAPI documents have `required: true` on a property; it is ignored. */
function readRequired(ctx: Context, cursor: Cursor): Map<string, Cursor> {
  const at = cursor.at("required");
  const names = new Map<string, Cursor>();
  if (at === undefined || (isForeign(ctx, cursor) && at.kind !== "list")) return names;
  if (!isKind(ctx.report, at, "list", "Write a list of names: `required: [id, name]`.")) {
    return names;
  }
  for (const item of at.items()) {
    if (isKind(ctx.report, item, "text")) names.set(String(item.value), item);
  }
  return names;
}
