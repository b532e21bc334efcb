/** Bytes in JSON: base64 text, on the way in as well as on the way out. */
import { fromBase64 } from "../../core/bytes.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { SchemaNode } from "../../schema/check.ts";
import { isNode, resolve } from "./keywords.ts";

/** True where an operation takes bytes: the definition marks them with `contentMediaType`. */
export function isBytes(schema: unknown, types: SchemaNode): boolean {
  const node = resolve(schema, types);
  return isNode(node) && typeof node["contentMediaType"] === "string" &&
    node["contentEncoding"] === undefined && node["contentSchema"] === undefined;
}

/** As a tool's schema says it. */
export function asBase64(schema: unknown, types: SchemaNode): unknown {
  if (!isBytes(schema, types)) return schema;
  const node = resolve(schema, types) as SchemaNode;
  const own = isNode(schema) ? schema["description"] : undefined;
  const { format: _, contentMediaType: __, ...rest } = node;
  return { ...rest, ...(own === undefined ? {} : { description: own }), contentEncoding: "base64" };
}

/** The input with bytes in place of their base64, where its schema wants bytes. */
export function decodeBytes(
  input: Readonly<Record<string, unknown>>,
  properties: SchemaNode,
  types: SchemaNode,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const items = resolve(schema, types);
    decoded[name] = isBytes(schema, types)
      ? bytesOf(value, name)
      : Array.isArray(value) && isNode(items) && isBytes(items["items"], types)
      ? value.map((item) => bytesOf(item, name))
      : value;
  }
  return decoded;
}

function bytesOf(value: unknown, name: string): unknown {
  if (typeof value !== "string") return value;
  const bytes = fromBase64(value);
  if (bytes !== undefined) return bytes;
  throw invalidRequest("input.invalid", `${name} is not base64, which bytes are given as here.`);
}
