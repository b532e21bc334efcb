/** Schemas that hold at once, such as one with its `allOf`, put together, with references followed. */
import type { Json } from "../../core/json.ts";
import type { Schema } from "./connector.ts";
import { LIMITS } from "./limits.ts";

/** Where a schema stands: for people, and in the spec. */
export interface Place {
  readonly text: string;
  /** Undefined where an overlay cannot reach it: inside a list of alternatives. */
  readonly path: readonly string[] | undefined;
}

export interface Property {
  readonly schema: Schema;
  readonly place: Place;
}

export interface Flat {
  readonly place: Place;
  /** Empty: any. */
  readonly types: ReadonlySet<string>;
  readonly properties: ReadonlyMap<string, Property>;
  /** By name, and the place whose `required` has it. */
  readonly required: ReadonlyMap<
    string,
    { readonly place: Place; readonly all: readonly string[] }
  >;
  /** Of properties without a name. */
  readonly others: Property | undefined;
  /** False if objects hold what they like, so a new field is not a difference. */
  readonly closed: boolean;
  readonly items: Property | undefined;
  readonly prefixItems: readonly Property[];
  readonly values: { readonly list: readonly Json[]; readonly place: Place } | undefined;
  /** Of a union: each with everything that holds beside it, for which it is one schema more. */
  readonly alternatives: readonly (readonly Property[])[];
  /** Whether several of them may hold at once. */
  readonly mayMix: boolean;
  /** Keywords of limits, as they stand. */
  readonly limits: Readonly<Record<string, Json>>;
}

const DEEPEST = 64;

type Parts = { readonly [keyword: string]: Json };

export function flatten(
  all: readonly Property[],
  types: Readonly<Record<string, Schema>>,
): Flat | undefined {
  const found: [Parts, Place][] = [];
  const collect = (one: Schema, at: Place, depth: number): void => {
    if (typeof one === "boolean" || depth > DEEPEST) return;
    const { $ref, allOf } = one;
    if (typeof $ref === "string") {
      const name = $ref.slice($ref.lastIndexOf("/") + 1);
      collect(types[name] ?? true, { text: name, path: ["types", name] }, depth + 1);
    }
    if (Array.isArray(allOf)) {
      for (const part of allOf) {
        collect(part as Schema, { text: at.text, path: undefined }, depth + 1);
      }
    }
    if (Object.keys(one).some((key) => key !== "$ref" && key !== "allOf")) found.push([one, at]);
  };
  for (const { schema, place } of all) collect(schema, place, 0);
  const [, first] = found[0] ?? [];
  if (first === undefined) return undefined;
  const named = found.find(([, at]) => at.path?.[0] === "types" && at.path.length === 2)?.[1];
  const own = named ?? all[0]?.place ?? first;
  const properties = new Map<string, Property>();
  const required: Map<string, { place: Place; all: readonly string[] }> = new Map();
  const limits: Record<string, Json> = {};
  let kinds: Set<string> | undefined;
  let others: Property | undefined;
  let items: Property | undefined;
  let prefixItems: Property[] = [];
  let values: Flat["values"];
  const union = found.findIndex(([{ oneOf, anyOf }]) => Array.isArray(oneOf ?? anyOf));
  let open = false;
  for (const [one, at] of found) {
    const below = (...keys: string[]): Place => ({
      text: at.text +
        keys.filter((key) => key !== "properties").map((key) => key === "items" ? "[]" : `.${key}`)
          .join(""),
      path: at.path && [...at.path, ...keys],
    });
    const { type } = one;
    if (type !== undefined) kinds ??= new Set([type].flat() as string[]);
    else if (Array.isArray(one["enum"])) kinds ??= new Set(one["enum"].map(kindOf));
    for (const [name, inner] of Object.entries(one["properties"] ?? {})) {
      properties.set(name, { schema: inner as Schema, place: below("properties", name) });
    }
    const names = (one["required"] ?? []) as readonly string[];
    for (const name of names) required.set(name, { place: at, all: names });
    const additional = one["additionalProperties"] as Schema | undefined;
    if (additional === true || typeof additional === "object") {
      open = true;
      others = { schema: additional, place: below("additionalProperties") };
    }
    if (one["patternProperties"] !== undefined) open = true;
    if (one["items"] !== undefined) {
      items = { schema: one["items"] as Schema, place: below("items") };
    }
    if (Array.isArray(one["prefixItems"])) {
      prefixItems = one["prefixItems"].map((inner, index) => ({
        schema: inner as Schema,
        place: { text: `${at.text}[${index}]`, path: undefined },
      }));
    }
    if (Array.isArray(one["enum"])) values = { list: one["enum"], place: at };
    else if (one["const"] !== undefined) {
      values = { list: [one["const"]], place: { ...at, path: undefined } };
    }
    for (const key of LIMITS) if (one[key] !== undefined) limits[key] = one[key];
  }
  return {
    place: own,
    types: kinds ?? new Set(),
    properties,
    required,
    others,
    // An object of which nothing is said may hold anything.
    closed: !open && properties.size > 0,
    items,
    prefixItems,
    values,
    alternatives: alternativesOf(found, union),
    mayMix: found[union]?.[0]["oneOf"] === undefined,
    limits,
  };
}

/** Of the first union; others are among what holds beside it. */
function alternativesOf(found: readonly [Parts, Place][], union: number): Property[][] {
  const [schema, at] = found[union] ?? [];
  if (schema === undefined || at === undefined) return [];
  const { oneOf, anyOf, ...others } = schema;
  const beside = found.map(([one, place], index): Property => ({
    schema: index === union ? oneOf === undefined ? others : { ...others, ...and(anyOf) } : one,
    place,
  })).filter(({ schema: one }) => Object.keys(one).length > 0);
  const inner = (oneOf ?? anyOf) as readonly Schema[];
  return inner.map((one) => [...beside, { schema: one, place: { ...at, path: undefined } }]);
}

function and(anyOf: Json | undefined): Parts {
  return anyOf === undefined ? {} : { anyOf };
}

export function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
