import type { Schema } from "../model/schema.ts";
import type { TypeTable } from "./type_table.ts";

/** True when a value of the type holds bytes at any depth, which JSON cannot. */
export function containsBytes(types: TypeTable, schema: Schema): boolean {
  const seen = new Set<string>();
  const open: Schema[] = [schema];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.kind === "bytes") return true;
    if (at.kind === "ref") {
      const target = types.entries.get(at.name);
      if (target?.schema === undefined || seen.has(at.name)) continue;
      seen.add(at.name);
      open.push(target.schema);
    } else open.push(...partsOf(at));
  }
  return false;
}

/** The schemas a schema is made of, one level down. */
export function partsOf(schema: Schema): readonly Schema[] {
  switch (schema.kind) {
    case "array":
      return [schema.items];
    case "tuple":
      return schema.rest === undefined ? schema.items : [...schema.items, schema.rest];
    case "object":
      return [
        ...schema.properties.map((property) => property.schema),
        ...(typeof schema.additional === "object" ? [schema.additional] : []),
        ...(schema.patterns?.map((pattern) => pattern.schema) ?? []),
      ];
    case "record":
      return schema.keys === undefined ? [schema.values] : [schema.values, schema.keys];
    case "union":
    case "intersection":
      return schema.members;
    default:
      return [];
  }
}
