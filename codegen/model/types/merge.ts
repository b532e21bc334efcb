/** Merges objects in an `allOf` if one of them is closed. */
import { type NamedTypes, resolve } from "./resolve.ts";
import type { ObjectSchema, PropertyModel, Schema } from "../schema.ts";

/**
 * One object with the properties of all, closed if one of them is: a closed part alone would refuse what another
 * part adds, and no value could satisfy both. Undefined if none is closed, or a part is more than an object.
 */
export function closedWhole(
  types: NamedTypes,
  members: readonly Schema[],
): ObjectSchema | undefined {
  const parts = objectsOf(types, members, new Set());
  if (parts === undefined || !parts.some(({ additional }) => additional === false)) {
    return undefined;
  }
  const properties = new Map<string, PropertyModel>();
  for (const property of parts.flatMap((part) => part.properties)) {
    const before = properties.get(property.name);
    properties.set(
      property.name,
      before === undefined ? property : {
        name: property.name,
        required: before.required || property.required,
        schema: { kind: "intersection", members: [before.schema, property.schema] },
      },
    );
  }
  return { kind: "object", properties: [...properties.values()], additional: false };
}

function objectsOf(
  types: NamedTypes,
  members: readonly Schema[],
  seen: Set<Schema>,
): ObjectSchema[] | undefined {
  const parts: ObjectSchema[] = [];
  for (const member of members) {
    const at = resolve(types, member);
    if (at.nullable) return undefined;
    // What is there twice asks for nothing more.
    if (seen.has(at)) continue;
    seen.add(at);
    if (at.kind === "intersection") {
      const inner = objectsOf(types, at.members, seen);
      if (inner === undefined) return undefined;
      parts.push(...inner);
    } else if (
      at.kind === "object" && typeof at.additional === "boolean" && at.patterns === undefined &&
      at.minProperties === undefined && at.maxProperties === undefined
    ) parts.push(at);
    else return undefined;
  }
  return parts;
}

/** Closed, without properties: with other parts it only means that no further properties are allowed. */
export function isEmptyClosed(types: NamedTypes, schema: Schema): boolean {
  const at = resolve(types, schema);
  return at.kind === "object" && at.properties.length === 0 && at.additional === false &&
    at.patterns === undefined;
}
