/** A schema in TypeScript notation on one line, for documents and messages; code is emitted elsewhere. */
import type { Json, Schema } from "../model/mod.ts";

export interface TypeTextOptions {
  /** Text for a named type. Default: its name. */
  readonly ref?: (name: string) => string;
  /** Objects nested deeper than this are shown as `object`. Default: 1. */
  readonly depth?: number;
  /** How many values of an enum are shown; the rest is counted. Default: 12. */
  readonly maxValues?: number;
  /** Wraps literals and structure, such as in `` `…` ``; never the text of `ref`. Default: no wrapping. */
  readonly code?: (text: string) => string;
}

export function typeText(schema: Schema, options: TypeTextOptions = {}): string {
  const text = bare(schema, options);
  if (!schema.nullable || schema.kind === "null" || schema.kind === "unknown") return text;
  return `${text}${code(options, " | null")}`;
}

function bare(schema: Schema, options: TypeTextOptions): string {
  const wrap = (text: string): string => code(options, text);
  switch (schema.kind) {
    case "string":
      if (schema.digits === "bigint") return wrap("bigint");
      return wrap(schema.format === undefined ? "string" : `string (${schema.format})`);
    case "integer":
    case "number":
    case "boolean":
    case "null":
    case "unknown":
    case "never":
    case "bytes":
      return wrap(schema.kind);
    case "const":
      return wrap(literal(schema.value));
    case "enum": {
      const shown = schema.values.slice(0, options.maxValues ?? 12).map(literal);
      const rest = schema.values.length - shown.length;
      return wrap([...shown, ...rest > 0 ? [`${rest} more`] : []].join(" | "));
    }
    case "ref":
      return options.ref?.(schema.name) ?? wrap(schema.name);
    case "array": {
      const items = typeText(schema.items, options);
      const simple = !compound(schema.items);
      return simple ? `${items}${wrap("[]")}` : `${wrap("(")}${items}${wrap(")[]")}`;
    }
    case "tuple": {
      const items = schema.items.map((item, index) =>
        typeText(item, options) + (index < schema.required ? "" : wrap("?"))
      );
      if (schema.rest !== undefined) {
        items.push(`${wrap("...")}${typeText(schema.rest, options)}${wrap("[]")}`);
      }
      return `${wrap("[")}${items.join(wrap(", "))}${wrap("]")}`;
    }
    case "record":
      return `${wrap("Record<string, ")}${typeText(schema.values, options)}${wrap(">")}`;
    case "object": {
      const depth = options.depth ?? 1;
      if (depth === 0 || schema.properties.length === 0) return wrap("object");
      const inner = { ...options, depth: depth - 1 };
      const fields = schema.properties.map(({ name, required, schema: type }) =>
        `${wrap(`${name}${required ? "" : "?"}: `)}${typeText(type, inner)}`
      );
      return `${wrap("{ ")}${fields.join(wrap("; "))}${wrap(" }")}`;
    }
    case "union":
      return schema.members.map((member) => typeText(member, options)).join(wrap(" | "));
    case "intersection":
      return schema.members.map((member) =>
        member.kind === "union"
          ? `${wrap("(")}${typeText(member, options)}${wrap(")")}`
          : typeText(member, options)
      ).join(wrap(" & "));
  }
}

function compound(schema: Schema): boolean {
  return schema.nullable === true || schema.kind === "union" || schema.kind === "intersection" ||
    (schema.kind === "enum" && schema.values.length > 1);
}

export function literal(value: Json): string {
  return JSON.stringify(value);
}

function code(options: TypeTextOptions, text: string): string {
  return options.code?.(text) ?? text;
}

/** For messages: long ones are truncated. */
export function shortType(schema: Schema): string {
  const text = typeText(schema, { depth: 1, maxValues: 4 });
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
