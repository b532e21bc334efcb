/** JSON Schema as the form needs it: references followed, parts put together, null set aside. */
import type { JsonSchema } from "../../connector/definition/definition.ts";

export type SchemaNode = { readonly [keyword: string]: unknown };
export type Types = Readonly<Record<string, JsonSchema>>;

/** A chain of references is short; a circular one must end. */
const MOST_STEPS = 16;

export function isNode(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Without `$ref` and `allOf` at its top. What stands beside a reference wins. */
export function resolve(schema: unknown, types: Types, steps = 0): SchemaNode {
  if (!isNode(schema) || steps > MOST_STEPS) return {};
  const { $ref: ref, allOf, ...own } = schema;
  let node: SchemaNode = own;
  if (typeof ref === "string") {
    node = merge(resolve(types[refName(ref)], types, steps + 1), node);
  }
  if (Array.isArray(allOf)) {
    for (const part of allOf) node = merge(resolve(part, types, steps + 1), node);
  }
  return node;
}

/** `Message` of `#/$defs/Message`. */
export function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1).replaceAll("~1", "/").replaceAll("~0", "~");
}

function merge(base: SchemaNode, over: SchemaNode): SchemaNode {
  const merged: Record<string, unknown> = { ...base, ...over };
  if (isNode(base["properties"]) && isNode(over["properties"])) {
    merged["properties"] = { ...base["properties"], ...over["properties"] };
  }
  if (Array.isArray(base["required"]) && Array.isArray(over["required"])) {
    merged["required"] = [...base["required"] as unknown[], ...over["required"] as unknown[]];
  }
  return merged;
}

/** The types it allows besides null; empty: any. */
export function typesOf({ type }: SchemaNode): readonly string[] {
  const all: unknown[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  return all.filter((one): one is string => typeof one === "string" && one !== "null");
}

/** The schemas of which a value meets one, besides null. Undefined: there is no such choice. */
export function choicesOf(
  { oneOf, anyOf }: SchemaNode,
  types: Types,
): readonly SchemaNode[] | undefined {
  const all: unknown = oneOf ?? anyOf;
  if (!Array.isArray(all)) return undefined;
  const nodes = all.filter(isNode);
  return nodes.filter((one) => resolve(one, types)["type"] !== "null");
}

export function textOf(node: SchemaNode, keyword: string): string | undefined {
  const value = node[keyword];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberOf(node: SchemaNode, keyword: string): number | undefined {
  const value = node[keyword];
  return typeof value === "number" ? value : undefined;
}
