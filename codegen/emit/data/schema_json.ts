/** Schemas as JSON Schema 2020-12, for validation and documentation. */
import { closedWhole } from "../../model/types/merge.ts";
import type { Schema } from "../../model/mod.ts";
import type { NamedTypes } from "../../model/types/resolve.ts";
import { Code, type Literal } from "../literal.ts";
import { plainName } from "./plain_schemas.ts";

type Fields = Record<string, Literal>;

/** References are `#/$defs/Name`. `declared`: the names of frequent schemas that stand in their places, with what they stand for. */
export function schemaJson(
  types: NamedTypes,
  schema: Schema,
  declared?: Map<string, Literal>,
): Literal {
  const fields = bare(types, schema, declared);
  annotate(fields, schema);
  const json = readable(schema.nullable ? nullable(schema, fields) : fields);
  const name = declared && plainName(json);
  if (name === undefined) return json;
  declared?.set(name, json);
  return new Code(name);
}

/** First short keywords, then the description, then those that may take many lines. */
function readable(fields: Fields): Fields {
  const ordered: Fields = {};
  for (const key in fields) {
    if (key !== "description" && isFlat(fields[key])) ordered[key] = fields[key];
  }
  if (fields["description"] !== undefined) ordered["description"] = fields["description"];
  for (const key in fields) {
    if (key !== "description" && !isFlat(fields[key])) ordered[key] = fields[key];
  }
  return ordered;
}

function isFlat(value: Literal): boolean {
  return typeof value !== "object" || value === null ||
    (Array.isArray(value) && value.every((item) => typeof item !== "object"));
}

/** Most schemas have none. */
function annotate(fields: Fields, schema: Schema): void {
  if (schema.doc !== undefined) fields["description"] = schema.doc;
  if (schema.default !== undefined) fields["default"] = schema.default as Literal;
  if (schema.examples !== undefined) fields["examples"] = schema.examples as Literal;
  if (schema.deprecated !== undefined && schema.deprecated !== false) fields["deprecated"] = true;
  if (schema.readOnly) fields["readOnly"] = true;
  if (schema.writeOnly) fields["writeOnly"] = true;
}

function nullable(schema: Schema, fields: Fields): Fields {
  if (schema.kind === "unknown" || schema.kind === "null") return fields;
  if (schema.kind === "enum") return { ...fields, enum: [...schema.values, null] };
  if (typeof fields["type"] === "string" && schema.kind !== "const") {
    return { ...fields, type: [fields["type"], "null"] };
  }
  const { description, default: preset, examples, deprecated, readOnly, writeOnly, ...rest } =
    fields;
  return clean({
    description,
    default: preset,
    examples,
    deprecated,
    readOnly,
    writeOnly,
    anyOf: [rest, { type: "null" }],
  });
}

type Declared = Map<string, Literal> | undefined;

function bare(types: NamedTypes, schema: Schema, declared: Declared): Fields {
  const json = (part: Schema): Literal => schemaJson(types, part, declared);
  switch (schema.kind) {
    case "string":
      return clean({
        type: "string",
        // For whoever writes programs from a schema. A value is text.
        $comment: schema.digits === "bigint" ? "bigint" : undefined,
        format: schema.format,
        pattern: schema.pattern,
        minLength: schema.minLength,
        maxLength: schema.maxLength,
      });
    case "bytes":
      return { type: "string", contentMediaType: "application/octet-stream" };
    case "number":
    case "integer":
      return clean({
        type: schema.kind,
        format: schema.format,
        minimum: schema.minimum,
        maximum: schema.maximum,
        exclusiveMinimum: schema.exclusiveMinimum,
        exclusiveMaximum: schema.exclusiveMaximum,
        multipleOf: schema.multipleOf,
      });
    case "boolean":
    case "null":
      return { type: schema.kind };
    case "const":
      return { const: schema.value as Literal };
    case "enum":
      return { enum: [...schema.values] };
    case "array":
      return clean({
        type: "array",
        minItems: schema.minItems,
        maxItems: schema.maxItems,
        uniqueItems: schema.uniqueItems,
        items: json(schema.items),
      });
    case "tuple":
      return {
        type: "array",
        prefixItems: schema.items.map(json),
        minItems: schema.required,
        items: schema.rest === undefined ? false : json(schema.rest),
      };
    case "object":
      return objectJson(schema, json);
    case "record":
      return clean({
        type: "object",
        additionalProperties: schema.values.kind === "unknown" ? undefined : json(schema.values),
        propertyNames: schema.keys === undefined ? undefined : json(schema.keys),
        minProperties: schema.minProperties,
        maxProperties: schema.maxProperties,
      });
    case "union":
      return clean({
        [schema.mode === "one" ? "oneOf" : "anyOf"]: schema.members.map(json),
        discriminator: schema.discriminator === undefined ? undefined : {
          propertyName: schema.discriminator.property,
          mapping: Object.fromEntries(
            schema.discriminator.mapping.map(({ value, type }) => [value, `#/$defs/${type}`]),
          ),
        },
      });
    case "intersection": {
      const whole = closedWhole(types, schema.members);
      return whole === undefined ? { allOf: schema.members.map(json) } : objectJson(whole, json);
    }
    case "ref":
      return { $ref: `#/$defs/${schema.name}` };
    case "unknown":
      return {};
    case "never":
      return { not: {} };
  }
}

function objectJson(
  schema: Schema & { kind: "object" },
  json: (part: Schema) => Literal,
): Fields {
  const required = schema.properties.filter((property) => property.required).map((property) =>
    property.name
  );
  return clean({
    type: "object",
    additionalProperties: schema.additional === true
      ? undefined
      : schema.additional === false
      ? false
      : json(schema.additional),
    minProperties: schema.minProperties,
    maxProperties: schema.maxProperties,
    required: required.length === 0 ? undefined : required,
    properties: schema.properties.length === 0 ? undefined : Object.fromEntries(
      schema.properties.map((property) => [property.name, json(property.schema)]),
    ),
    patternProperties: schema.patterns === undefined ? undefined : Object.fromEntries(
      schema.patterns.map((one) => [one.pattern, json(one.schema)]),
    ),
  });
}

function clean(fields: Fields): Fields {
  const present: Fields = {};
  for (const key in fields) {
    if (fields[key] !== undefined) present[key] = fields[key];
  }
  return present;
}
