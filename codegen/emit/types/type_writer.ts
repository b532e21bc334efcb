/** Schemas as TypeScript types. */

import { Writer } from "../writer.ts";
import type {
  ConnectorModel,
  ObjectSchema,
  PropertyModel,
  Schema,
  UnionSchema,
} from "../../model/mod.ts";
import { type Doc, docLines, writeDoc } from "../doc.ts";
import { type Flavour, isOpenEnum, isOpenUnion, type TypeNames } from "./flavours.ts";
import { isEmptyClosed } from "../../model/types/merge.ts";
import { propertyOf, resolve, typesOf } from "../../model/types/resolve.ts";
import { propertyKey, quote } from "../literal.ts";
import type { Imports } from "../scope.ts";

/** Keeps editor completion of the literals; `string` alone would absorb them. */
const ANY_STRING = "(string & Record<never, never>)";

export interface TypeScope {
  readonly model: ConnectorModel;
  readonly names: ReadonlyMap<string, TypeNames>;
  readonly flavour: Flavour;
  readonly imports: Imports;
  /** File that named types are imported from; absent in that file itself. */
  readonly typesFile?: string;
}

export function writeType(writer: Writer, schema: Schema, context: TypeScope): void {
  const parts = schema.nullable && schema.kind !== "null" && schema.kind !== "unknown"
    ? " | null"
    : "";
  writeBare(writer, schema, context, parts !== "");
  writer.write(parts);
}

/** On one line or several, as text. */
export function typeText(schema: Schema, context: TypeScope): string {
  const writer = new Writer();
  writeType(writer, schema, context);
  return writer.toString();
}

function writeBare(
  writer: Writer,
  schema: Schema,
  context: TypeScope,
  inUnion: boolean,
): void {
  switch (schema.kind) {
    case "string":
      writer.write(schema.digits === "bigint" ? "bigint" : "string");
      return;
    case "number":
    case "integer":
      writer.write("number");
      return;
    case "boolean":
    case "null":
    case "unknown":
    case "never":
      writer.write(schema.kind);
      return;
    case "bytes":
      writer.write(
        context.flavour === "request" ? context.imports.type("FileInput") : "Uint8Array",
      );
      return;
    case "const":
      writer.write(constType(schema.value));
      return;
    case "enum": {
      const literals = schema.values.map((value) =>
        JSON.stringify(value) === undefined ? "never" : constType(value)
      );
      if (context.flavour === "response" && isOpenEnum(schema)) literals.push(ANY_STRING);
      writeAlternatives(writer, literals.map((text) => () => writer.write(text)));
      return;
    }
    case "ref":
      writer.write(refName(schema.name, context));
      return;
    case "array":
      writeArray(writer, schema.items, context);
      return;
    case "tuple":
      writeTuple(writer, schema, context);
      return;
    case "record":
      writer.write("{ [key: string]: ");
      writeType(writer, schema.values, context);
      writer.write(" }");
      return;
    case "object":
      writeObjectType(writer, schema, context);
      return;
    case "union":
      writeUnion(writer, schema, context);
      return;
    case "intersection":
      writeIntersection(writer, schema.members, context, inUnion);
  }
}

export function refName(name: string, context: TypeScope): string {
  const local = context.names.get(name)?.[context.flavour] ?? "unknown";
  if (context.typesFile !== undefined && local !== "unknown") {
    context.imports.local(context.typesFile, local, "type");
  }
  return local;
}

export function constType(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(constType).join(", ")}]`;
  const fields = Object.entries(value).map(([key, item]) =>
    `${propertyKey(key)}: ${constType(item)}`
  );
  return fields.length === 0 ? "Record<string, never>" : `{ ${fields.join("; ")} }`;
}

/** Types that need parentheses before `[]` or beside `&`. */
function isCompound(schema: Schema, context: TypeScope): boolean {
  if (schema.nullable) return true;
  return schema.kind === "union" || schema.kind === "intersection" ||
    (schema.kind === "enum" &&
      (schema.values.length > 1 || (context.flavour === "response" && isOpenEnum(schema))));
}

function writeWrapped(writer: Writer, schema: Schema, context: TypeScope): void {
  const wrap = isCompound(schema, context);
  if (wrap) writer.write("(");
  writeType(writer, schema, context);
  if (wrap) writer.write(")");
}

function writeArray(writer: Writer, items: Schema, context: TypeScope): void {
  writeWrapped(writer, items, context);
  writer.write("[]");
}

function writeTuple(
  writer: Writer,
  schema: Schema & { kind: "tuple" },
  context: TypeScope,
): void {
  writer.write("[");
  schema.items.forEach((item, index) => {
    if (index > 0) writer.write(", ");
    if (index < schema.required) writeType(writer, item, context);
    else {
      writeWrapped(writer, item, context);
      writer.write("?");
    }
  });
  if (schema.rest !== undefined) {
    writer.write(schema.items.length > 0 ? ", ..." : "...");
    writeArray(writer, schema.rest, context);
  }
  writer.write("]");
}

function writeUnion(writer: Writer, schema: UnionSchema, context: TypeScope): void {
  const alternatives = schema.members.map((member) => () => {
    // An intersection binds tighter than a union; parentheses only make it easier to read.
    writeType(writer, member, context);
    const tag = tagOf(schema, member, context);
    if (tag !== undefined) writer.write(` & ${tag}`);
  });
  if (context.flavour === "response" && isOpenUnion(schema) && schema.discriminator !== undefined) {
    const { property } = schema.discriminator;
    alternatives.push(() => {
      writer.write(
        `{ ${propertyKey(property)}: ${
          context.imports.type("Unrecognized")
        }; [key: string]: unknown }`,
      );
    });
  }
  if (alternatives.length === 0) writer.write("never");
  else writeAlternatives(writer, alternatives);
}

/**
 * `{ petType: "cat" }`, for a member that does not fix the value itself, so that it narrows and excludes other values.
 */
function tagOf(union: UnionSchema, member: Schema, context: TypeScope): string | undefined {
  const { discriminator } = union;
  if (discriminator === undefined || member.kind !== "ref") return undefined;
  const values = discriminator.mapping.filter(({ type }) => type === member.name).map((one) =>
    one.value
  );
  const types = typesOf(context.model);
  const property = propertyOf(types, member, discriminator.property);
  const at = property && resolve(types, property);
  if (values.length === 0 || property === undefined || at === undefined) return undefined;
  if (context.flavour === "request" ? property.readOnly : property.writeOnly) return undefined;
  const free = at.kind === "string" || at.kind === "unknown";
  const wider = at.kind === "enum" && values.every((value) => at.values.includes(value)) &&
    (at.values.length > values.length || (context.flavour === "response" && isOpenEnum(at)));
  if (!free && !wider) return undefined;
  return `{ ${propertyKey(discriminator.property)}: ${values.map(quote).join(" | ")} }`;
}

/** On one line if short, otherwise one per line; textual duplicates are dropped. */
function writeAlternatives(writer: Writer, alternatives: readonly (() => void)[]): void {
  alternatives.forEach((write, index) => {
    if (index > 0) writer.write(" | ");
    write();
  });
}

function writeIntersection(
  writer: Writer,
  members: readonly Schema[],
  context: TypeScope,
  inUnion: boolean,
): void {
  const said = members.filter((member) => !saysNothing(member, context));
  const kept = said.length === 0 ? members.slice(0, 1) : said;
  if (kept.length === 0) return void writer.write("unknown");
  if (inUnion) writer.write("(");
  kept.forEach((member, index) => {
    if (index > 0) writer.write(" & ");
    writeWrapped(writer, member, context);
  });
  if (inUnion) writer.write(")");
}

/** An object without visible properties, which in an intersection would forbid or allow all others. */
function saysNothing(schema: Schema, context: TypeScope): boolean {
  const types = typesOf(context.model);
  if (isEmptyClosed(types, schema)) return true;
  const at = resolve(types, schema);
  return at.kind === "object" && at.properties.length > 0 && at.additionalImplicit === true &&
    at.patterns === undefined && !at.properties.some((one) => isVisible(one, context.flavour));
}

/** `{ … }`; the body of an interface too. */
export function writeObjectType(
  writer: Writer,
  schema: ObjectSchema,
  context: TypeScope,
): void {
  const properties = schema.properties.filter((property) => isVisible(property, context.flavour));
  const index = indexSignature(schema, properties, context);
  if (properties.length === 0) {
    writer.write(index === undefined ? emptyObject(schema) : `{ ${index} }`);
    return;
  }
  if (index === undefined && properties.every(({ schema }) => isPlain(schema))) {
    return writeShortObject(writer, properties, context);
  }
  writer.write("{").newLine().indent(() => {
    for (const property of properties) writeProperty(writer, property, context);
    if (index !== undefined) writer.write(`${index};`).newLine();
  }).write("}");
}

const SHORT = 80;
const WIDTH = 116;

/** All on one line if short, else as many per line as fit. */
function writeShortObject(
  writer: Writer,
  properties: readonly PropertyModel[],
  context: TypeScope,
): void {
  const parts = properties.map((property) => {
    const part = new Writer();
    writeProperty(part, property, context);
    return part.toString().trimEnd();
  });
  const whole = `{ ${parts.join(" ").slice(0, -1)} }`;
  if (whole.length <= SHORT) return void writer.write(whole);
  writer.write("{").indent(() => {
    let column = Number.POSITIVE_INFINITY;
    for (const part of parts) {
      const fits = column + 1 + part.length <= WIDTH;
      if (fits) writer.write(` ${part}`);
      else writer.newLine().write(part);
      column = (fits ? column + 1 : 2 * writer.level) + part.length;
    }
  }).newLine().write("}");
}

/** It has no comment, and neither have its parts. */
function isPlain(schema: Schema): boolean {
  if (docLines(schemaDoc(schema)).length > 0) return false;
  return schema.kind === "array"
    ? isPlain(schema.items)
    : !["object", "union", "intersection", "tuple", "record"].includes(schema.kind);
}

/** `{}` would accept everything but null. */
function emptyObject(schema: ObjectSchema): string {
  return schema.additional === false ? "Record<string, never>" : "{ [key: string]: unknown }";
}

export function isVisible(property: PropertyModel, flavour: Flavour): boolean {
  return flavour === "request"
    ? property.schema.readOnly !== true
    : property.schema.writeOnly !== true;
}

export function writeProperty(
  writer: Writer,
  property: PropertyModel,
  context: TypeScope,
): void {
  const { schema } = property;
  writeDoc(writer, schemaDoc(schema));
  writer.write(`${propertyKey(property.name)}${property.required ? "" : "?"}: `);
  writeType(writer, schema, context);
  // Callers may pass undefined; it is not sent.
  if (!property.required && context.flavour === "request" && schema.kind !== "unknown") {
    writer.write(" | undefined");
  }
  writer.write(";").newLine();
}

export function schemaDoc(schema: Schema): Doc {
  return {
    text: schema.doc,
    deprecated: schema.deprecated,
    default: schema.default === undefined ? undefined : JSON.stringify(schema.default),
  };
}

/** TypeScript's rule for an index signature: it must allow what the named properties are. */
function indexSignature(
  schema: ObjectSchema,
  properties: readonly PropertyModel[],
  context: TypeScope,
): string | undefined {
  const extras = (schema.patterns ?? []).map((pattern) => pattern.schema);
  if (typeof schema.additional === "object") extras.push(schema.additional);
  else if (extras.length > 0 && schema.additional) return "[key: string]: unknown";
  if (extras.length === 0) return undefined;
  const types = new Set(
    [...extras, ...properties.map((property) => property.schema)].map((one) =>
      typeText(one, context)
    ),
  );
  if (properties.some((property) => !property.required)) types.add("undefined");
  if (types.has("unknown")) return "[key: string]: unknown";
  return `[key: string]: ${[...types].join(" | ")}`;
}
