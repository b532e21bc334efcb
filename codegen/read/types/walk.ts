/** Looking into types that refer to each other by name. */
import type { ObjectSchema, Schema } from "../../model/schema.ts";
import { matches } from "../schema/pattern.ts";
import type { TypeTable } from "./table.ts";

/** The type behind names. A circle of names ends in `unknown`; that is reported elsewhere. */
export function resolve(types: TypeTable, schema: Schema): Schema {
  let at = schema;
  for (let hops = 0; at.kind === "ref"; hops++) {
    const next = types.entries.get(at.name)?.schema;
    if (next === undefined || hops > 100) return { kind: "unknown" };
    at = next;
  }
  return at;
}

/** `null` is allowed by the type itself or by a type that it names. */
export function isNullable(types: TypeTable, schema: Schema): boolean {
  let at = schema;
  for (let hops = 0; hops < 100; hops++) {
    if (at.nullable === true || at.kind === "null" || at.kind === "unknown") return true;
    if (at.kind !== "ref") {
      return at.kind === "union" && at.members.some((one) => isNullable(types, one));
    }
    const next = types.entries.get(at.name)?.schema;
    if (next === undefined) return true;
    at = next;
  }
  return true;
}

/** The property of an object, of a part of an intersection, or of the members of a union that have it. */
export function propertyOf(types: TypeTable, schema: Schema, name: string): Schema | undefined {
  return search(types, schema, name, 0);
}

function search(types: TypeTable, schema: Schema, name: string, depth: number): Schema | undefined {
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
      // In a union each member has its say: `type` of a list of events is any of their names.
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

/** Names of all properties that are known, for "did you mean". */
export function propertyNames(types: TypeTable, schema: Schema, depth = 0): string[] {
  const at = resolve(types, schema);
  if (depth > 20) return [];
  if (at.kind === "object") return at.properties.map((property) => property.name);
  if (at.kind !== "union" && at.kind !== "intersection") return [];
  return [...new Set(at.members.flatMap((member) => propertyNames(types, member, depth + 1)))];
}

/** True for what becomes a JSON object, so that its properties can stand beside parameters. */
export function isObjectLike(types: TypeTable, schema: Schema, depth = 0): boolean {
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

/** True when an object of the type cannot be empty. */
export function requiresAny(types: TypeTable, schema: Schema, depth = 0): boolean {
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
