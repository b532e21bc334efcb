/** The smallest value that fits a JSON Schema: arguments of tool calls and structured answers. */
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
  for (const word of ["anyOf", "oneOf", "allOf"]) {
    const options = schema[word];
    if (Array.isArray(options)) return sample(options[0], root, text, depth + 1);
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
  return text;
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
