/** Schemas of OpenAPI 3.0 and 3.1 → types of a spec. What has no counterpart is reported, never passed on. */
import { combine } from "./combine.ts";
import { digitsOf, fittingDefault, isDigits } from "./default.ts";
import { unionOf } from "./inheritance.ts";
import { expand, type Out, type OutObject, type SchemaPlace, short } from "./out.ts";
import { readArray, readNumber, readObject, readString } from "./typed.ts";
import { isObject, type Obj, strings, text } from "../value.ts";

/** Keywords that restrict what is valid beyond what types can say. */
const DROPPED = [
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "contains",
  "unevaluatedProperties",
  "$dynamicRef",
];

export function convertSchema(ctx: SchemaPlace, schema: unknown): Out {
  if (schema === true) return "unknown";
  if (schema === false) {
    ctx.losses.add("schema", ctx.where, "It allows no value; its type is unknown.");
  }
  if (!isObject(schema)) return "unknown";
  if (ctx.depth > 150) {
    ctx.losses.add("schema", ctx.where, "Nested too deeply; the inner part is unknown.");
    return "unknown";
  }
  const deeper: SchemaPlace = { ...ctx, depth: ctx.depth + 1 };
  for (const key of DROPPED) {
    if (schema[key] !== undefined) {
      ctx.losses.add("keyword", ctx.where, `\`${key}\` is not checked.`);
    }
  }
  const body = withoutNull(convertBody(deeper, schema));
  return short(annotate(ctx, schema, body));
}

/** What is within a named schema is not that schema. */
function inner({ self: _, ...ctx }: SchemaPlace): SchemaPlace {
  return ctx;
}

function convertBody(place: SchemaPlace, schema: Obj): Out {
  const ctx = inner(place);
  const ref = text(schema["$ref"]);
  if (ref !== undefined) return convertRef(ctx, ref);
  if (isObject(schema["discriminator"]) && !schema["oneOf"] && !schema["anyOf"]) {
    const union = place.self === undefined ? undefined : unionOf(ctx, place.self, schema);
    if (union !== undefined) return combine(ctx, union, convertTyped);
    const why = "It names no members, so fields specific to a subtype have no type here.";
    ctx.losses.add("discriminator", ctx.where, why);
  }
  if (Array.isArray(schema["enum"])) return convertEnum(ctx, schema);
  if (schema["const"] === null) return "null";
  if (schema["const"] !== undefined) return { const: schema["const"] };
  if (["allOf", "oneOf", "anyOf"].some((key) => Array.isArray(schema[key]))) {
    return combine(ctx, schema, convertTyped);
  }
  return convertTyped(ctx, schema);
}

function convertRef(ctx: SchemaPlace, ref: string): Out {
  if (!ref.startsWith("#") || ctx.at(ref) === undefined) {
    const why = `\`${ref}\` ${ctx.problem(ref)}; the type is unknown.`;
    ctx.losses.add("reference", ctx.where, why);
    return "unknown";
  }
  ctx.use(ref, ctx.bytes);
  return ctx.names.of(ref);
}

/** `type`, or the type implied by other keywords. */
function convertTyped(ctx: SchemaPlace, schema: Obj): Out {
  const stated = schema["type"];
  const types = (typeof stated === "string" ? [stated] : strings(stated)).filter((type) =>
    type !== "null"
  );
  if (stated === "null") return "null";
  if (types.length > 1) {
    return {
      anyOf: types.map((type) => short(convertType(ctx, { ...schema, nullable: undefined }, type))),
    };
  }
  return convertType(ctx, schema, types[0] ?? implied(schema));
}

function implied(schema: Obj): string {
  const has = (...keys: string[]): boolean => keys.some((key) => schema[key] !== undefined);
  if (
    has("properties", "additionalProperties", "patternProperties") ||
    Array.isArray(schema["required"])
  ) return "object";
  if (has("items", "prefixItems")) return "array";
  if (has("pattern", "minLength", "maxLength", "contentMediaType")) return "string";
  return "unknown";
}

function convertType(ctx: SchemaPlace, schema: Obj, type: string): Out {
  switch (type) {
    case "string":
    case "file":
      return readString(ctx, schema, type);
    case "integer":
    case "number":
      return readNumber(ctx, schema, type);
    case "boolean":
      return "boolean";
    case "array":
      return readArray(ctx, schema);
    case "object":
      return readObject(ctx, schema);
    case "unknown":
      return "unknown";
    default: {
      ctx.losses.add("schema", ctx.where, `\`type: ${type}\` is not a JSON type.`);
      const meant = implied(schema);
      return meant === "unknown" ? meant : convertType(ctx, schema, meant);
    }
  }
}

/** Duplicates are dropped, null becomes nullable, and if values do not match the declared type, the type is dropped. */
function convertEnum(ctx: SchemaPlace, schema: Obj): Out {
  const all = schema["enum"] as readonly unknown[];
  const values = [...new Set(all.filter((value) => value !== null))];
  if (values.length === 0) return all.includes(null) ? "null" : convertTyped(ctx, schema);
  const descriptions = schema["x-enum-descriptions"] ?? schema["x-enumDescriptions"];
  return {
    enum: values,
    ...(descriptions === undefined ? {} : { enumDescriptions: descriptions }),
  };
}

/** `anyOf: [X, "null"]` is a nullable X. */
function withoutNull(out: Out): Out {
  if (typeof out === "string") return out;
  for (const key of ["oneOf", "anyOf"]) {
    const members = out[key];
    if (!Array.isArray(members) || !members.includes("null")) continue;
    const rest = members.filter((member) => member !== "null") as Out[];
    const [only] = rest;
    if (only === undefined) return "null";
    if (rest.length > 1) return { ...out, [key]: rest, nullable: true };
    return typeof only === "string"
      ? { ...expand(only), nullable: true }
      : { ...only, nullable: true };
  }
  return out;
}

function annotate(ctx: SchemaPlace, schema: Obj, body: Out): Out {
  const out: OutObject = { ...expand(body) };
  const types = strings(schema["type"]);
  const nullable = schema["nullable"] === true || types.includes("null") ||
    (Array.isArray(schema["enum"]) && schema["enum"].includes(null));
  if (nullable && body !== "null" && body !== "unknown") out["nullable"] = true;
  const description = text(schema["description"]);
  if (description !== undefined) out["description"] = description;
  for (const key of ["readOnly", "writeOnly"]) if (schema[key] === true) out[key] = true;
  if (schema["deprecated"] === true) out["deprecated"] = true;
  const fallback = isDigits(out) ? digitsOf(schema["default"]) : schema["default"];
  if (fallback !== undefined) {
    if (fittingDefault(out, fallback)) out["default"] = fallback;
    else if (fallback !== null) {
      ctx.losses.add(
        "default",
        ctx.where,
        `The default ${JSON.stringify(fallback)?.slice(0, 60)} does not fit its type.`,
      );
    }
  }
  return out;
}
