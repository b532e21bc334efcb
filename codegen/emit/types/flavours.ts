/**
 * A type may look different in requests (closed enums, no read-only properties) and in responses (open enums, no
 * write-only properties). Those that do and are used in both get two declarations.
 */
import { partsOf } from "../../model/schema_parts.ts";
import type { ConnectorModel, Schema, TypeModel } from "../../model/mod.ts";
import type { ExportNames } from "../scope.ts";

export type Flavour = "request" | "response";

export interface TypeNames {
  readonly request: string;
  readonly response: string;
}

/** Name of each type in each flavour; the same name twice if one declaration serves both. */
export function nameTypes(
  model: ConnectorModel,
  names: ExportNames,
): ReadonlyMap<string, TypeNames> {
  const differing = differingTypes(model.types);
  for (const type of model.types) names.claim(type.name);
  return new Map(model.types.map(({ name, inRequest, inResponse }) => {
    const twice = inRequest && inResponse && differing.has(name);
    return [name, { response: name, request: twice ? names.claim(`${name}Input`) : name }];
  }));
}

/** String enums, unless the spec closes them; a single value is a constant, not an enum. */
export function isOpenEnum(schema: Schema): boolean {
  return schema.kind === "enum" && schema.closed !== true && schema.values.length > 1 &&
    schema.values.every((value) => typeof value === "string");
}

/** Unions with a discriminating property. */
export function isOpenUnion(schema: Schema): boolean {
  return schema.kind === "union" && schema.closed !== true && schema.discriminator !== undefined;
}

function differingTypes(types: readonly TypeModel[]): ReadonlySet<string> {
  const refs = new Map<string, ReadonlySet<string>>();
  const differing = new Set<string>();
  for (const { name, schema } of types) {
    const found = new Set<string>();
    if (visit(schema, found)) differing.add(name);
    refs.set(name, found);
  }
  // What refers to a differing type differs: backwards over the references, each type once.
  const users = new Map<string, string[]>();
  for (const [name, found] of refs) {
    for (const ref of found) {
      const list = users.get(ref);
      if (list === undefined) users.set(ref, [name]);
      else list.push(name);
    }
  }
  const queue = [...differing];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const user of users.get(name) ?? []) {
      if (differing.has(user)) continue;
      differing.add(user);
      queue.push(user);
    }
  }
  return differing;
}

/** True if the schema itself differs between the flavours; collects its references. */
function visit(schema: Schema, refs: Set<string>): boolean {
  if (schema.kind === "ref") {
    refs.add(schema.name);
    return false;
  }
  let differs = isOpenEnum(schema) || isOpenUnion(schema) || schema.kind === "bytes";
  if (
    schema.kind === "object" &&
    schema.properties.some((property) => property.schema.readOnly || property.schema.writeOnly)
  ) {
    differs = true;
  }
  for (const child of partsOf(schema)) if (visit(child, refs)) differs = true;
  return differs;
}
