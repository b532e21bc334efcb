/** Properties and types as rows of a table. */
import type { ObjectSchema, Schema } from "../model/mod.ts";
import { inlineCode, prose, table } from "./markdown.ts";
import { literal, typeText } from "./type_text.ts";

/** Link to the description of a named type. */
export type TypeLink = (name: string) => string | undefined;

export interface Field {
  /** `response_format.type`. */
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly doc?: string | undefined;
  readonly deprecated?: boolean | string | undefined;
  /** Where it is sent. */
  readonly place?: string | undefined;
}

/** How deep unnamed objects are expanded. */
const MAX_DEPTH = 3;

export function fieldTable(fields: readonly Field[], link: TypeLink): string {
  const rows = fields.flatMap((field) => [field, ...inner(field, MAX_DEPTH)]).map((field) => [
    `${inlineCode(field.name)}${field.required ? " (required)" : ""}`,
    typeCell(field.schema, link),
    field.place ?? "",
    notes(field),
  ]);
  return table(["name", "type", "in", "description"], rows);
}

export function objectFields(schema: ObjectSchema, prefix = ""): Field[] {
  return schema.properties.map((property) => ({
    name: prefix + property.name,
    schema: property.schema,
    required: property.required,
  }));
}

/** The properties of an unnamed object, or of unnamed objects in a list. */
function inner(field: Field, depth: number): Field[] {
  if (depth === 0) return [];
  const { schema } = field;
  const object = schema.kind === "array" ? schema.items : schema;
  if (object.kind !== "object") return [];
  const prefix = `${field.name}${schema.kind === "array" ? "[]" : ""}.`;
  return objectFields(object, prefix).flatMap((one) => [one, ...inner(one, depth - 1)]);
}

/** With links to named types. */
export function typeCell(schema: Schema, link: TypeLink): string {
  const text = typeText(schema, {
    depth: 0,
    code: (part) => /[\w"[\]{]/.test(part) ? inlineCode(part) : part,
    ref: (name) => {
      const target = link(name);
      return target === undefined ? inlineCode(name) : `[${name}](${target})`;
    },
  });
  // Adjacent code spans are merged.
  return text.replaceAll("``", "");
}

function notes(field: Field): string {
  const { schema } = field;
  const doc = field.doc ?? schema.doc;
  const deprecated = field.deprecated ?? schema.deprecated;
  const parts = [
    deprecated ? `**Deprecated.**${typeof deprecated === "string" ? ` ${deprecated}` : ""}` : "",
    doc === undefined ? "" : prose(doc),
    schema.default === undefined ? "" : `Default: ${inlineCode(literal(schema.default))}.`,
    limits(schema),
    schema.readOnly ? "Only in answers." : "",
    schema.writeOnly ? "Only in requests." : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function limits(schema: Schema): string {
  const parts: string[] = [];
  const range = (what: string, least: number | undefined, most: number | undefined): void => {
    if (least !== undefined && most !== undefined) parts.push(`${what}${least} to ${most}`);
    else if (least !== undefined) parts.push(`${what}at least ${least}`);
    else if (most !== undefined) parts.push(`${what}at most ${most}`);
  };
  if (schema.kind === "number" || schema.kind === "integer") {
    range("", schema.minimum, schema.maximum);
    if (schema.exclusiveMinimum !== undefined) parts.push(`above ${schema.exclusiveMinimum}`);
    if (schema.exclusiveMaximum !== undefined) parts.push(`below ${schema.exclusiveMaximum}`);
    if (schema.multipleOf !== undefined) parts.push(`a multiple of ${schema.multipleOf}`);
  } else if (schema.kind === "string") {
    range("characters: ", schema.minLength, schema.maxLength);
    if (schema.pattern !== undefined && schema.digits !== "bigint") {
      parts.push(`matches ${inlineCode(schema.pattern)}`);
    }
  } else if (schema.kind === "array") range("items: ", schema.minItems, schema.maxItems);
  const text = parts.join(", ");
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
