/** Reads JSON Schema (as in OpenAPI 3.0 and 3.1) into the closed model of types. */
import { type Cursor, IMPORT_FAILED } from "../../load/cursor.ts";
import type { Json } from "../../model/selector.ts";
import type { Schema, SchemaBase } from "../../model/schema.ts";
import { type Context, type SchemaOptions, UNKNOWN } from "../context.ts";
import { describe, isKind } from "../fields/fields.ts";
import type { TypeName } from "./keywords.ts";
import { readConst, readEnum } from "./enum.ts";
import { checkKeywords, typesNamed } from "./types.ts";
import { readArray } from "./array.ts";
import { readObject } from "./object.ts";
import { readNumeric, readString } from "./scalar.ts";
import { hasCombination, readCombination } from "./union.ts";
import { checkDefault } from "../value/value.ts";

/** `[Item]` as JSON. */
const ONE_NAME = /^\["\w+"\]$/;

/** Never fails: problems are reported, and `unknown` is used instead. */
export function readSchema(ctx: Context, cursor: Cursor, options: SchemaOptions = {}): Schema {
  const { value } = cursor;
  if (value === IMPORT_FAILED) return UNKNOWN;
  if (typeof value === "string") return shorthand(ctx, cursor, value);
  if (value === true) return UNKNOWN;
  if (value === false) return { kind: "never" };
  if (cursor.kind !== "mapping") {
    ctx.report.add(
      "VC1104",
      cursor,
      `A type belongs here, but ${describe(cursor)} was found.`,
      ONE_NAME.test(JSON.stringify(cursor.value))
        ? `A list of these is \`"${String(cursor.value)}[]"\`.`
        : "Write the name of a type, or a JSON Schema such as `{ type: string }`.",
    );
    return UNKNOWN;
  }
  checkKeywords(ctx, cursor, options.extra ?? []);
  const base = readBase(ctx, cursor);
  const schema = withBase(readBody(ctx, cursor, options), base);
  if (base.default !== undefined) checkDefault(ctx, cursor, schema);
  return schema;
}

function shorthand(ctx: Context, cursor: Cursor, text: string): Schema {
  if (text.endsWith("[]")) {
    const items = shorthand(ctx, cursor, text.slice(0, -2));
    return { kind: "array", items };
  }
  switch (text) {
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null":
    case "unknown":
    case "bytes":
      return { kind: text };
    case "object":
      return { kind: "record", values: UNKNOWN };
    default:
      return ctx.types.byName(ctx.report, text, cursor) ?? UNKNOWN;
  }
}

function readBody(ctx: Context, cursor: Cursor, options: SchemaOptions): Schema {
  const ref = cursor.at("$ref");
  if (ref !== undefined) {
    if (!isKind(ctx.report, ref, "text")) return UNKNOWN;
    return ctx.types.byRef(ctx.report, String(ref.value), ref, ctx.root) ?? UNKNOWN;
  }
  checkAs(ctx, cursor);
  const enumeration = cursor.at("enum");
  if (enumeration !== undefined) return readEnum(ctx, cursor, enumeration);
  if (cursor.at("const") !== undefined) return readConst(ctx, cursor);
  if (hasCombination(cursor)) return readCombination(ctx, cursor, options);
  return readTyped(ctx, cursor, options);
}

/** Of the values of an `enum` or a `const` none is too long. */
function checkAs(ctx: Context, cursor: Cursor): void {
  const [values] = ["enum", "const"].filter((key) => cursor.at(key) !== undefined);
  if (values === undefined || cursor.at("as") === undefined) return;
  const message = `\`as\` has no effect beside \`${values}\`.`;
  ctx.report.add("VC1203", cursor.keyCursor("as"), message, "Remove one of the two.", "key");
}

/** Reads the keywords other than `allOf`, `oneOf` and `anyOf`. */
export function readTyped(ctx: Context, cursor: Cursor, options: SchemaOptions): Schema {
  const types = typesNamed(ctx, cursor);
  const named = types.filter((type) => type !== "null");
  const [only] = named;
  if (types.length > 0 && only === undefined) return { kind: "null" };
  if (only === undefined) return readUntyped(ctx, cursor, options);
  const nullable = types.length > named.length;
  if (named.length === 1) return nullableIf(readType(ctx, cursor, only, options), nullable);
  const members = named.map((type) => readType(ctx, cursor, type, options));
  return nullableIf({ kind: "union", mode: "any", members }, nullable);
}

function nullableIf(schema: Schema, nullable: boolean): Schema {
  return nullable ? { ...schema, nullable: true } : schema;
}

function readUntyped(ctx: Context, cursor: Cursor, options: SchemaOptions): Schema {
  const has = (...keys: string[]): boolean => keys.some((key) => cursor.at(key) !== undefined);
  if (has("properties", "additionalProperties", "patternProperties", "required")) {
    return readObject(ctx, cursor, options);
  }
  if (has("items", "prefixItems")) return readArray(ctx, cursor);
  if (has("minLength", "maxLength", "pattern")) return readString(ctx, cursor);
  if (has("minimum", "maximum")) return readNumeric(ctx, cursor, "number");
  return UNKNOWN;
}

function readType(ctx: Context, cursor: Cursor, type: TypeName, options: SchemaOptions): Schema {
  switch (type) {
    case "string":
      return readString(ctx, cursor);
    case "number":
    case "integer":
      return readNumeric(ctx, cursor, type);
    case "array":
      return readArray(ctx, cursor);
    case "object":
      return readObject(ctx, cursor, options);
    default:
      return { kind: type };
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Annotations that any schema can have. */
function readBase(ctx: Context, cursor: Cursor): SchemaBase {
  const base: Mutable<SchemaBase> = {};
  const doc = cursor.at("description");
  if (doc !== undefined && isKind(ctx.report, doc, "text") && doc.value !== "") {
    base.doc = String(doc.value);
  }
  const fallback = cursor.at("default");
  if (fallback !== undefined) base.default = fallback.json() as Json;
  const examples = cursor.at("examples");
  const example = cursor.at("example");
  if (examples?.kind === "list") base.examples = examples.json() as Json[];
  else if (example !== undefined) base.examples = [example.json() as Json];
  const deprecated = cursor.at("deprecated");
  if (deprecated?.kind === "text") base.deprecated = String(deprecated.value);
  else if (
    deprecated !== undefined && isKind(ctx.report, deprecated, "boolean") &&
    deprecated.value === true
  ) {
    base.deprecated = true;
  }
  for (const key of ["nullable", "readOnly", "writeOnly"] as const) {
    const flag = cursor.at(key);
    if (flag !== undefined && isKind(ctx.report, flag, "boolean") && flag.value === true) {
      base[key] = true;
    }
  }
  return base;
}

/** `null` is allowed if either side allows it. */
export function withBase(schema: Schema, base: SchemaBase): Schema {
  for (const _ in base) return { ...schema, ...base };
  return schema;
}
