/** Strings, numbers, lists and objects: only keywords that apply to the type, with valid values. */
import type { Out, OutObject, SchemaPlace } from "./out.ts";
import type { DigitsAs } from "../../../model/schema.ts";
import { isObject, type Obj, strings, text } from "../value.ts";

export function readString(ctx: SchemaPlace, schema: Obj, type: string): Out {
  if (isFile(schema, type)) {
    if (ctx.bytes) return "bytes";
    ctx.losses.add("schema", ctx.where, "Bytes inside JSON become text.");
    return "string";
  }
  const out: OutObject = { type: "string" };
  const format = text(schema["format"]);
  if (format !== undefined) out["format"] = format;
  const pattern = text(schema["pattern"]);
  if (pattern !== undefined && isPattern(pattern)) out["pattern"] = pattern;
  else if (pattern !== undefined) {
    ctx.losses.add(
      "pattern",
      ctx.where,
      `\`${pattern}\` is not a regular expression of JavaScript.`,
    );
  }
  counts(schema, out, "minLength", "maxLength");
  const encoded = text(schema["contentEncoding"]);
  if (encoded !== undefined) out["contentEncoding"] = encoded;
  return out;
}

/** Raw bytes: `format: binary`, Swagger's `type: file`, and their replacements in OpenAPI 3.1. */
export function isFile(schema: Obj, type: unknown = schema["type"]): boolean {
  if (schema["format"] === "binary" || type === "file") return true;
  const encoded = text(schema["contentEncoding"]);
  return encoded === "binary" ||
    (encoded === undefined && isBinary(text(schema["contentMediaType"])));
}

/** Media types that are not text, which OpenAPI 3.1 uses instead of `format: binary`. */
function isBinary(mediaType: string | undefined): boolean {
  if (mediaType === undefined) return false;
  return !/^(?:text\/|message\/|application\/(?:json|xml|yaml|javascript|x-www-form-urlencoded|x-ndjson)\b)|\+(?:json|xml|yaml)\b/i
    .test(mediaType);
}

export function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}

export function readNumber(ctx: SchemaPlace, schema: Obj, type: string): Out {
  const out: OutObject = { type };
  const format = text(schema["format"]);
  if (format !== undefined) out["format"] = format;
  if (format === "int64" || format === "uint64") {
    if (ctx.int64 !== "number") return digits(ctx, schema, out, ctx.int64);
    // Reported once for the whole document.
    const why =
      "Beyond 2^53 a JSON number loses its last digits; `--int64 bigint` or `text` keeps them.";
    ctx.losses.add("schema", `format ${format}`, why);
  }
  for (
    const [key, exclusive] of [["minimum", "exclusiveMinimum"], [
      "maximum",
      "exclusiveMaximum",
    ]] as const
  ) {
    const limit = schema[key];
    const strict = schema[exclusive];
    if (Number.isFinite(limit)) out[strict === true ? exclusive : key] = limit;
    if (Number.isFinite(strict)) out[exclusive] = strict;
  }
  const low = out["minimum"] ?? out["exclusiveMinimum"];
  const high = out["maximum"] ?? out["exclusiveMaximum"];
  if (typeof low === "number" && typeof high === "number" && low > high) {
    for (const key of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) {
      delete out[key];
    }
  }
  const step = schema["multipleOf"];
  if (typeof step === "number" && Number.isFinite(step) && step > 0) out["multipleOf"] = step;
  return out;
}

const LIMITS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/** The limits of numbers do not apply to what JSON has as text. */
function digits(ctx: SchemaPlace, schema: Obj, out: OutObject, as: DigitsAs): Out {
  if (LIMITS.some((key) => schema[key] !== undefined)) {
    ctx.losses.add(
      "schema",
      ctx.where,
      `The limits of a whole number are left out, as it is read as ${as}.`,
    );
  }
  return { ...out, type: "integer", as };
}

/** A pair of limits, if they are consistent. */
function counts(schema: Obj, out: OutObject, low: string, high: string): void {
  const least = count(schema[low]);
  const most = count(schema[high]);
  if (least !== undefined && most !== undefined && least > most) return;
  if (least !== undefined && least > 0) out[low] = least;
  if (most !== undefined) out[high] = most;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

export function readArray(ctx: SchemaPlace, schema: Obj): Out {
  const out: OutObject = { type: "array" };
  const { prefixItems, items } = schema;
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
  if (tuple !== undefined) {
    out["prefixItems"] = tuple.map((item) => ctx.convert(ctx, item));
    if (items === false) out["items"] = false;
    else if (isObject(items)) out["items"] = ctx.convert(ctx, items);
  } else if (items !== undefined) out["items"] = ctx.convert(ctx, items);
  counts(schema, out, "minItems", "maxItems");
  if (schema["uniqueItems"] === true) out["uniqueItems"] = true;
  return out;
}

export function readObject(ctx: SchemaPlace, schema: Obj): Out {
  const out: OutObject = { type: "object" };
  const properties: OutObject = {};
  const { properties: stated } = schema;
  if (isObject(stated)) {
    for (const [name, property] of Object.entries(stated)) {
      if (name === "__proto__") {
        ctx.losses.add("name", ctx.where, "A property `__proto__` is left out.");
        continue;
      }
      properties[name] = ctx.convert(ctx, property);
    }
  }
  const required = [...new Set(strings(schema["required"]))].filter((name) => name !== "__proto__");
  // A required property without a definition must still be there.
  for (const name of required) if (!Object.hasOwn(properties, name)) properties[name] = "unknown";
  if (required.length > 0) out["required"] = required;
  if (Object.keys(properties).length > 0) out["properties"] = properties;
  const additional = schema["additionalProperties"];
  if (typeof additional === "boolean") out["additionalProperties"] = additional;
  else if (isObject(additional)) out["additionalProperties"] = ctx.convert(ctx, additional);
  const patterns = schema["patternProperties"];
  if (isObject(patterns)) {
    const kept = Object.entries(patterns).filter(([pattern]) => isPattern(pattern));
    out["patternProperties"] = Object.fromEntries(
      kept.map(([pattern, one]) => [pattern, ctx.convert(ctx, one)]),
    );
  }
  counts(schema, out, "minProperties", "maxProperties");
  return out;
}
