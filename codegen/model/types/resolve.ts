/** Resolves types that refer to each other by name, for both the checker and the code generator. */
import type { ConnectorModel } from "../ir.ts";
import { matches } from "./pattern.ts";
import type { ObjectSchema, RefSchema, Schema } from "../schema.ts";
import type { Selector } from "../selector.ts";

/** Types by name, while they are being read or once all are known. */
export interface NamedTypes {
  schemaOf(name: string): Schema | undefined;
}

const named = new WeakMap<ConnectorModel, NamedTypes>();

/** The types of a model by name. */
export function typesOf(model: ConnectorModel): NamedTypes {
  const known = named.get(model);
  if (known !== undefined) return known;
  const byName = new Map(model.types.map((type) => [type.name, type.schema]));
  const types: NamedTypes = { schemaOf: (name) => byName.get(name) };
  named.set(model, types);
  return types;
}

/** The type behind names. A cycle of names resolves to `unknown`; that is reported elsewhere. */
export function resolve(types: NamedTypes, schema: Schema): Schema {
  let at = schema;
  for (let hops = 0; at.kind === "ref"; hops++) {
    const next = types.schemaOf(at.name);
    if (next === undefined || hops > 100) return { kind: "unknown" };
    at = next;
  }
  return at;
}

/** `null` is allowed by the type itself or by a type that it names. */
export function isNullable(
  types: NamedTypes,
  schema: Schema,
  seen: Set<Schema> = new Set(),
): boolean {
  let at = schema;
  for (let hops = 0; hops < 100; hops++) {
    if (at.nullable === true || at.kind === "null" || at.kind === "unknown") return true;
    if (at.kind !== "ref") {
      if (at.kind !== "union" || seen.has(at)) return false;
      seen.add(at);
      return at.members.some((one) => isNullable(types, one, seen));
    }
    const next = types.schemaOf(at.name);
    if (next === undefined) return true;
    at = next;
  }
  return true;
}

/** The property of an object, of a part of an intersection, or of the members of a union that have it. */
export function propertyOf(types: NamedTypes, schema: Schema, name: string): Schema | undefined {
  return search(types, schema, name, new Map());
}

/** `known`: what was found in types that were looked at before, since types of types can repeat themselves without end. */
function search(
  types: NamedTypes,
  schema: Schema,
  name: string,
  known: Map<Schema, Schema | undefined>,
): Schema | undefined {
  const at = resolve(types, schema);
  switch (at.kind) {
    case "unknown":
      return at;
    case "record":
      return at.values;
    case "object":
      return ofObject(at, name);
    case "intersection":
    case "union": {
      if (known.has(at)) return known.get(at);
      known.set(at, undefined);
      const all = at.members.flatMap((member) => search(types, member, name, known) ?? []);
      const found = at.kind === "union" ? distinct(all) : all;
      const certain = found.filter((one) => one.kind !== "unknown");
      const [first = found[0]] = certain;
      // In a union every member counts: `type` of a union of events is any of their names.
      const result: Schema | undefined = at.kind === "union" && certain.length > 1
        ? { kind: "union", mode: "any", members: certain }
        : first;
      known.set(at, result);
      return result;
    }
    default:
      return undefined;
  }
}

/** Without what is there twice, in unions within as well. */
function distinct(schemas: readonly Schema[]): Schema[] {
  const found = new Map<unknown, Schema>();
  const add = (schema: Schema): void => {
    // One that was put together here has no place in a spec.
    if (schema.kind === "union" && schema.at === undefined && schema.nullable !== true) {
      schema.members.forEach(add);
    } else found.set(isName(schema) ? schema.name : schema, schema);
  };
  schemas.forEach(add);
  return [...found.values()];
}

/** Says nothing but the name of a type. */
function isName(schema: Schema): schema is RefSchema {
  return schema.kind === "ref" &&
    Object.keys(schema).every((key) => key === "kind" || key === "name" || key === "at");
}

function ofObject(at: ObjectSchema, name: string): Schema | undefined {
  const own = at.properties.find((property) => property.name === name);
  if (own !== undefined) return own.schema;
  const pattern = at.patterns?.find((one) => matches(one.pattern, name));
  if (pattern !== undefined) return pattern.schema;
  if (typeof at.additional === "object") return at.additional;
  return at.additional && at.additionalImplicit !== true ? { kind: "unknown" } : undefined;
}

/** Names of all known properties, for "did you mean". */
export function propertyNames(types: NamedTypes, schema: Schema): string[] {
  const names = new Set<string>();
  const seen = new Set<Schema>();
  const add = (one: Schema): void => {
    const at = resolve(types, one);
    if (seen.has(at)) return;
    seen.add(at);
    if (at.kind === "object") { for (const property of at.properties) names.add(property.name); }
    else if (at.kind === "union" || at.kind === "intersection") at.members.forEach(add);
  };
  add(schema);
  return [...names];
}

/** True for types that are JSON objects, so that their properties can be mixed with parameters. */
export function isObjectLike(types: NamedTypes, schema: Schema): boolean {
  const known = new Map<Schema, boolean>();
  const test = (one: Schema): boolean => {
    const at = resolve(types, one);
    if (isNullable(types, one)) return false;
    if (at.kind === "object" || at.kind === "record") return true;
    if (at.kind !== "intersection" && at.kind !== "union") return false;
    let result = known.get(at);
    if (result === undefined) {
      known.set(at, false);
      result = at.kind === "union" ? at.members.every(test) : at.members.some(test);
      known.set(at, result);
    }
    return result;
  };
  return test(schema);
}

/** True if an object of the type cannot be empty. */
export function requiresAny(types: NamedTypes, schema: Schema): boolean {
  const known = new Map<Schema, boolean>();
  const test = (one: Schema): boolean => {
    const at = resolve(types, one);
    if (at.kind === "object") return at.properties.some((property) => property.required);
    if (at.kind !== "intersection" && at.kind !== "union") return false;
    let result = known.get(at);
    if (result === undefined) {
      known.set(at, true);
      result = at.kind === "union" ? at.members.every(test) : at.members.some(test);
      known.set(at, result);
    }
    return result;
  };
  return test(schema);
}

/** Type of a list's elements, or of those of a list in a union. */
export function elementOf(
  types: NamedTypes,
  schema: Schema,
  index?: number,
  seen: Set<Schema> = new Set(),
): Schema | undefined {
  const at = resolve(types, schema);
  switch (at.kind) {
    case "unknown":
      return at;
    case "array":
      return at.items;
    case "tuple":
      return (index === undefined ? undefined : at.items.at(index)) ?? at.rest ?? at.items[0];
    case "union":
    case "intersection":
      if (seen.has(at)) return undefined;
      seen.add(at);
      for (const member of at.members) {
        const found = elementOf(types, member, index, seen);
        if (found !== undefined) return found;
      }
      return undefined;
    default:
      return undefined;
  }
}

/** One step of a selector into a type; undefined if there is nothing. */
export function stepInto(
  types: NamedTypes,
  schema: Schema,
  segment: Selector["segments"][number],
): Schema | undefined {
  return segment.kind === "key"
    ? propertyOf(types, schema, segment.key)
    : elementOf(types, schema, segment.kind === "index" ? segment.index : undefined);
}

/** The type that a selector finds, including null if something on the way may be null; unknown if the types do not say. */
export function schemaAt(types: NamedTypes, schema: Schema, selector: Selector): Schema {
  let at = schema;
  let nullable = false;
  for (const segment of selector.segments) {
    nullable ||= isNullable(types, at) && resolve(types, at).kind !== "unknown";
    const next = stepInto(types, at, segment);
    if (next === undefined) return { kind: "unknown" };
    at = next;
  }
  return nullable && !at.nullable ? { ...at, nullable } : at;
}
