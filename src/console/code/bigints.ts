/** Whole numbers beyond 2^53 are text in JSON; a program has a `bigint` where the spec says so. */
import { choicesOf, isNode, resolve, type SchemaNode, type Types } from "../form/schema.ts";

const WHOLE = /^-?\d+$/;

/** The input as a program gives it. */
export function withBigints(schema: unknown, types: Types, value: unknown): unknown {
  const nodes = nodesOf(schema, types);
  if (typeof value === "string") {
    const isBigint = nodes.some(({ $comment }) => $comment === "bigint");
    return isBigint && WHOLE.test(value) ? BigInt(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map((one, at) =>
      withBigints(first(nodes, (node) => itemOf(node, at)), types, one)
    );
  }
  // Files stay what they are.
  if (!isNode(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      withBigints(first(nodes, (node) => propertyOf(node, name)), types, one),
    ]),
  );
}

/** The schema, or those of which a value meets one. */
function nodesOf(schema: unknown, types: Types): readonly SchemaNode[] {
  const node = resolve(schema, types);
  return [node, ...(choicesOf(node, types) ?? []).map((one) => resolve(one, types))];
}

function first(nodes: readonly SchemaNode[], part: (node: SchemaNode) => unknown): unknown {
  return nodes.map(part).find((one) => one !== undefined);
}

function itemOf({ prefixItems, items }: SchemaNode, at: number): unknown {
  return Array.isArray(prefixItems) && at < prefixItems.length ? prefixItems[at] : items;
}

function propertyOf({ properties, additionalProperties }: SchemaNode, name: string): unknown {
  return isNode(properties) && Object.hasOwn(properties, name)
    ? properties[name]
    : additionalProperties;
}
