/**
 * How many comparisons finding all mistakes takes: that tries every alternative for every value, so where alternatives nest within
 * alternatives, a small value can cost more than anyone can wait for. What is asked for again is counted, but not walked, again.
 */
import type { SchemaNode } from "./rules.ts";

const LISTS = ["allOf", "anyOf", "oneOf"] as const;

/** `typeNamed`: the schema behind a `$ref`. Infinity: more than `most`. */
export function costOf(
  schema: unknown,
  value: unknown,
  typeNamed: (reference: string) => unknown,
  most: number,
): number {
  const known = new Map<unknown, Map<object, number>>();

  function cost(schema: unknown, value: unknown): number {
    if (typeof schema !== "object" || schema === null) return 1;
    if (typeof value !== "object" || value === null) return walk(schema as SchemaNode, value);
    const costs = known.get(schema) ?? new Map<object, number>();
    known.set(schema, costs);
    let found = costs.get(value);
    if (found === undefined) {
      costs.set(value, 1);
      found = walk(schema as SchemaNode, value);
      costs.set(value, found);
    }
    return found;
  }

  function walk(rules: SchemaNode, value: unknown): number {
    let sum = 1;
    const add = (schema: unknown, inner: unknown): boolean => {
      if (schema !== undefined) sum += cost(schema, inner);
      return sum <= most;
    };
    const { $ref, not, items, prefixItems, properties, patternProperties, additionalProperties } =
      rules;
    if ($ref !== undefined) add(typeNamed(String($ref)), value);
    for (const keyword of LISTS) {
      const members = rules[keyword];
      if (Array.isArray(members)) members.every((member) => add(member, value));
    }
    add(not, value);
    if (Array.isArray(value)) {
      const first = Array.isArray(prefixItems) ? prefixItems : [];
      value.every((item, at) => add(first[at] ?? items, item));
    } else if (typeof value === "object" && value !== null) {
      const own = (properties ?? {}) as SchemaNode;
      const patterns = Object.values(patternProperties ?? {});
      Object.entries(value).every(([name, inner]) =>
        add(Object.hasOwn(own, name) ? own[name] : additionalProperties, inner) &&
        patterns.every((one) => add(one, inner))
      );
    }
    return sum <= most ? sum : Infinity;
  }

  try {
    return cost(schema, value);
  } catch (error) {
    // Nested deeper than this runtime's stack lets anyone look.
    if (error instanceof RangeError) return Infinity;
    throw error;
  }
}
