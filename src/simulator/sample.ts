/** The smallest value that fits a JSON Schema: arguments of tool calls and structured answers. */
import { DIGITS_PATTERN } from "../core/json.ts";
import { isObject, type JsonObject } from "./input.ts";

const MAX_DEPTH = 16;

/** `text` fills the first free string, so that an answer can be recognised in its structure. */
export function sampleOf(schema: unknown, text: string): unknown {
  return sample(schema, isObject(schema) ? schema : {}, text, 0);
}

function sample(schema: unknown, root: JsonObject, text: string, depth: number): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return null;
  if (schema["const"] !== undefined) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  if (schema["default"] !== undefined) return schema["default"];
  if (typeof schema["$ref"] === "string") {
    return sample(follow(schema["$ref"], root), root, text, depth + 1);
  }
  const { allOf, ...rest } = schema;
  if (Array.isArray(allOf)) return sampleAll([...allOf, rest], root, text, depth);
  for (const word of ["anyOf", "oneOf"]) {
    const { [word]: options, ...beside } = schema;
    if (!Array.isArray(options)) continue;
    const parts: unknown[] = isObject(schema["properties"]) ? [options[0], beside] : [options[0]];
    return sampleAll(parts, root, text, depth);
  }
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (type === "object" || isObject(schema["properties"])) {
    return sampleObject(schema, root, text, depth);
  }
  if (type === "array") {
    const least = typeof schema["minItems"] === "number" ? Math.min(schema["minItems"], 8) : 0;
    return Array.from({ length: least }, () => sample(schema["items"], root, text, depth + 1));
  }
  if (type === "integer" || type === "number") {
    return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
  }
  if (type === "boolean") return true;
  if (type === "null") return null;
  return sampleText(schema, text);
}

/** A value for several schemas at once: their objects merged, or a value for the first one. */
function sampleAll(
  schemas: readonly unknown[],
  root: JsonObject,
  text: string,
  depth: number,
): unknown {
  const values = schemas.map((one) => sample(one, root, text, depth + 1));
  const objects = values.filter(isObject);
  return objects.length > 0 ? Object.assign({}, ...objects) : values[0];
}

const FORMATS: Readonly<Record<string, string>> = {
  date: "2025-01-01",
  "date-time": "2025-01-01T00:00:00Z",
  time: "00:00:00Z",
  duration: "PT1S",
  email: "sample@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function sampleText(schema: JsonObject, text: string): string {
  const format = schema["format"];
  if (typeof format === "string" && Object.hasOwn(FORMATS, format)) return FORMATS[format] ?? text;
  if (schema["pattern"] === DIGITS_PATTERN) return "1";
  const { minLength, maxLength } = schema;
  const least = typeof minLength === "number" ? Math.min(minLength, 1_000) : 0;
  return text.padEnd(least, "x").slice(0, typeof maxLength === "number" ? maxLength : undefined);
}

function sampleObject(schema: JsonObject, root: JsonObject, text: string, depth: number): unknown {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : Object.keys(properties);
  return Object.fromEntries(
    required.filter((name): name is string => typeof name === "string")
      .map((name) => [name, sample(properties[name], root, text, depth + 1)]),
  );
}

function follow(reference: string, root: JsonObject): unknown {
  let at: unknown = root;
  for (const part of reference.replace(/^#\/?/, "").split("/")) {
    at = isObject(at) && part !== "" ? at[part] : at;
  }
  return at;
}
