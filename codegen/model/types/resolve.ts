/** Resolves types that refer to each other by name, for both the checker and the code generator. */
import type { ConnectorModel } from "../ir.ts";
import { matches } from "./pattern.ts";
import type { ObjectSchema, Schema } from "../schema.ts";
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
export function isNullable(types: NamedTypes, schema: Schema): boolean {
  let at = schema;
  for (let hops = 0; hops < 100; hops++) {
    if (at.nullable === true || at.kind === "null" || at.kind === "unknown") return true;
    if (at.kind !== "ref") {
      return at.kind === "union" && at.members.some((one) => isNullable(types, one));
    }
    const next = types.schemaOf(at.name);
    if (next === undefined) return true;
    at = next;
  }
  return true;
}

/** The property of an object, of a part of an intersection, or of the members of a union that have it. */
export function propertyOf(types: NamedTypes, schema: Schema, name: string): Schema | undefined {
  return search(types, schema, name, 0);
}

function search(
  types: NamedTypes,
  schema: Schema,
  name: string,
  depth: number,
): Schema | undefined {
  if (depth > 50) return undefined;
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
      const found = at.members.flatMap((member) => search(types, member, name, depth + 1) ?? []);
      const known = found.filter((one) => one.kind !== "unknown");
      const [first = found[0]] = known;
      // In a union every member counts: `type` of a union of events is any of their names.
      return at.kind === "union" && known.length > 1
        ? { kind: "union", mode: "any", members: known }
        : first;
    }
    default:
      return undefined;
  }
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
export function propertyNames(types: NamedTypes, schema: Schema, depth = 0): string[] {
  const at = resolve(types, schema);
  if (depth > 20) return [];
  if (at.kind === "object") return at.properties.map((property) => property.name);
  if (at.kind !== "union" && at.kind !== "intersection") return [];
  return [...new Set(at.members.flatMap((member) => propertyNames(types, member, depth + 1)))];
}

/** True for types that are JSON objects, so that their properties can be mixed with parameters. */
export function isObjectLike(types: NamedTypes, schema: Schema, depth = 0): boolean {
  const at = resolve(types, schema);
  if (depth > 20 || isNullable(types, schema)) return false;
  switch (at.kind) {
    case "object":
    case "record":
      return true;
    case "intersection":
      return at.members.some((member) => isObjectLike(types, member, depth + 1));
    case "union":
      return at.members.every((member) => isObjectLike(types, member, depth + 1));
    default:
      return false;
  }
}

/** True if an object of the type cannot be empty. */
export function requiresAny(types: NamedTypes, schema: Schema, depth = 0): boolean {
  const at = resolve(types, schema);
  if (depth > 20) return true;
  switch (at.kind) {
    case "object":
      return at.properties.some((property) => property.required);
    case "intersection":
      return at.members.some((member) => requiresAny(types, member, depth + 1));
    case "union":
      return at.members.every((member) => requiresAny(types, member, depth + 1));
    default:
      return false;
  }
}

/** Type of a list's elements, or of those of a list in a union. */
export function elementOf(
  types: NamedTypes,
  schema: Schema,
  index?: number,
  depth = 0,
): Schema | undefined {
  const at = resolve(types, schema);
  if (depth > 20) return undefined;
  switch (at.kind) {
    case "unknown":
      return at;
    case "array":
      return at.items;
    case "tuple":
      return (index === undefined ? undefined : at.items.at(index)) ?? at.rest ?? at.items[0];
    case "union":
    case "intersection":
      for (const member of at.members) {
        const found = elementOf(types, member, index, depth + 1);
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
