import type { Schema } from "./schema.ts";

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
