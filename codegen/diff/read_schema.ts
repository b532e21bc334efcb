/** What the comparison needs to know about a schema. */
import { literal, shortType } from "../docs/type_text.ts";
import type { JsonScalar, ObjectSchema, Schema, UnionSchema } from "../model/mod.ts";

export function valuesOf(schema: Schema): readonly JsonScalar[] | undefined {
  if (schema.kind === "enum") return schema.values;
  const single = schema.kind === "const" &&
    (typeof schema.value !== "object" || schema.value === null);
  return single ? [schema.value as JsonScalar] : undefined;
}

/** Whether one kind includes all values of the other. */
export function width(old: Schema, now: Schema): "narrowed" | "widened" | undefined {
  if (holds(now, old)) return "widened";
  return holds(old, now) ? "narrowed" : undefined;
}

function holds(wide: Schema, narrow: Schema): boolean {
  if (wide.kind === "number" && narrow.kind === "integer") return true;
  const kind = wide.kind === "integer" ? "number" : wide.kind;
  return valuesOf(narrow)?.every((value) => typeof value === kind) === true;
}

export function membersOf(schema: Schema): readonly Schema[] {
  return schema.kind === "union" ? (schema satisfies UnionSchema).members : [schema];
}

export function nameOf(schema: Schema): string | undefined {
  return schema.kind === "ref" ? schema.name : undefined;
}

/** Lists, texts and numbers in a union are distinguished by kind; several objects are not. */
export function kindOf(schema: Schema): string | undefined {
  return schema.kind === "ref" || schema.kind === "object" ? undefined : schema.kind;
}

export function docsOf(schema: Schema): readonly string[] | undefined {
  return schema.kind === "enum" ? schema.valueDocs : undefined;
}

export function became(old: Schema, now: Schema): string {
  return `was ${shortType(old)}, is ${shortType(now)}`;
}

export function valueList(values: readonly JsonScalar[]): string {
  return values.map(literal).join(", ");
}

export function plural(values: readonly unknown[]): string {
  return values.length === 1 ? "was" : "were";
}

/** A record is an object without named properties. Undefined for anything else. */
export function asObject(schema: Schema): ObjectSchema | undefined {
  if (schema.kind !== "record") return schema.kind === "object" ? schema : undefined;
  const { kind: _, values, keys: _keys, ...base } = schema;
  return { ...base, kind: "object", properties: [], additional: values };
}
