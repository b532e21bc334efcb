/** A schema with its references followed and its `allOf` put together. */
import type { Json } from "../../core/json.ts";
import type { Schema } from "./connector.ts";

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
  readonly alternatives: readonly Property[];
  /** Keywords of limits, as they stand. */
  readonly limits: Readonly<Record<string, Json>>;
}

const LIMITS = [
  ...["minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum"],
  ...["exclusiveMaximum", "multipleOf", "minItems", "maxItems"],
];
const DEEPEST = 64;

type Parts = { readonly [keyword: string]: Json };

export function flatten(
  schema: Schema,
  place: Place,
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
  collect(schema, place, 0);
  if (found.length === 0) return undefined;
  const named = found.find(([, at]) => at.path?.[0] === "types" && at.path.length === 2)?.[1];
  const own = named ?? place;
  const properties = new Map<string, Property>();
  const required: Map<string, { place: Place; all: readonly string[] }> = new Map();
  const limits: Record<string, Json> = {};
  let kinds: Set<string> | undefined;
  let others: Property | undefined;
  let items: Property | undefined;
  let prefixItems: Property[] = [];
  let values: Flat["values"];
  let alternatives: Property[] = [];
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
    const either = one["oneOf"] ?? one["anyOf"];
    if (Array.isArray(either)) {
      alternatives = either.map((inner) => ({
        schema: inner as Schema,
        place: { text: at.text, path: undefined },
      }));
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
    alternatives,
    limits,
  };
}
