/** What the types of a database are to a program. */
import type { ColumnForm, Protocol } from "../../model/database.ts";
import type { Schema } from "../../model/schema.ts";
import type { LockedColumn, LockedInput } from "./lock.ts";

export interface Typed {
  readonly schema: Schema;
  /** Where the database's own way is another. */
  readonly form?: ColumnForm;
}

const STRING: Schema = { kind: "string" };
const INTEGER: Schema = { kind: "integer" };
const NUMBER: Schema = { kind: "number" };
const BOOLEAN: Schema = { kind: "boolean" };
const UNKNOWN: Schema = { kind: "unknown" };
const BYTES: Schema = { kind: "string", format: "byte" };

const POSTGRES: Readonly<Record<string, Schema>> = {
  bool: BOOLEAN,
  int2: INTEGER,
  int4: INTEGER,
  oid: { kind: "integer", minimum: 0 },
  // More digits than a JavaScript number holds.
  int8: { kind: "string", format: "int64" },
  numeric: STRING,
  float4: NUMBER,
  float8: NUMBER,
  json: UNKNOWN,
  jsonb: UNKNOWN,
  bytea: BYTES,
  uuid: { kind: "string", format: "uuid" },
  date: { kind: "string", format: "date" },
  timestamptz: { kind: "string", format: "date-time" },
};

export function columnType(protocol: Protocol, column: LockedColumn): Typed {
  const typed = typeOf(protocol, column);
  return column.notNull === true || typed.schema.kind === "unknown"
    ? typed
    : { ...typed, schema: { ...typed.schema, nullable: true } };
}

function typeOf(protocol: Protocol, column: LockedColumn): Typed {
  if (protocol === "sqlite") return sqliteType(column.type);
  return protocol === "mysql" ? mysqlType(column) : { schema: postgresType(column) };
}

/** Of what a caller gives. Digits that come as text may be given as a number. */
export function inputTypeOf(protocol: Protocol, input: LockedInput): Schema {
  if (protocol !== "postgres") return typeOf(protocol, input).schema;
  const { type } = input;
  if (type.endsWith("[]")) {
    return { kind: "array", items: inputTypeOf(protocol, { ...input, type: type.slice(0, -2) }) };
  }
  const schema = postgresType(input);
  const number = type === "int8" ? INTEGER : type === "numeric" ? NUMBER : undefined;
  return number === undefined ? schema : { kind: "union", mode: "any", members: [number, schema] };
}

/** All that is not known by name comes as the server's own text: intervals, ranges, network addresses … */
function postgresType({ type, values }: LockedInput): Schema {
  if (type.endsWith("[]")) {
    const items = postgresType({ name: "", type: type.slice(0, -2), ...(values && { values }) });
    return { kind: "array", items };
  }
  if (values !== undefined) return { kind: "enum", values, closed: true };
  return Object.hasOwn(POSTGRES, type) ? POSTGRES[type] ?? STRING : STRING;
}

const MYSQL: Readonly<Record<string, Schema>> = {
  tinyint: INTEGER,
  smallint: INTEGER,
  mediumint: INTEGER,
  int: INTEGER,
  year: INTEGER,
  // More digits than a JavaScript number holds.
  bigint: { kind: "string", format: "int64" },
  float: NUMBER,
  double: NUMBER,
  json: UNKNOWN,
  date: { kind: "string", format: "date" },
  timestamp: { kind: "string", format: "date-time" },
  uuid: { kind: "string", format: "uuid" },
  bit: BYTES,
};
const MYSQL_BYTES = /(?:blob|binary)$/;
const MYSQL_SHAPES = /^(?:geometry|point|linestring|polygon|multi|geometrycollection)/;

/** `int unsigned`, `varchar(20)`: what is in brackets, or behind, does not matter, but for the one that is a boolean. Others are text. */
function mysqlType({ type, values }: LockedInput): Typed {
  if (type === "") return { schema: UNKNOWN };
  if (values !== undefined) return { schema: { kind: "enum", values, closed: true } };
  if (type === "tinyint(1)") return { schema: BOOLEAN, form: "boolean" };
  const name = /^[a-z0-9]+/.exec(type)?.[0] ?? "";
  if (MYSQL_BYTES.test(name)) return { schema: BYTES };
  if (MYSQL_SHAPES.test(name)) return { schema: UNKNOWN };
  return { schema: Object.hasOwn(MYSQL, name) ? MYSQL[name] ?? STRING : STRING };
}

/** By the declared type of the column, as SQLite itself reads it; an expression has none. */
function sqliteType(type: string): Typed {
  const name = type.toUpperCase();
  if (name === "") return { schema: UNKNOWN };
  if (/BOOL/.test(name)) return { schema: BOOLEAN, form: "boolean" };
  if (/JSON/.test(name)) return { schema: UNKNOWN, form: "json" };
  if (/INT/.test(name)) return { schema: INTEGER };
  if (/CHAR|CLOB|TEXT|DATE|TIME|UUID/.test(name)) return { schema: STRING };
  if (/BLOB/.test(name)) return { schema: BYTES };
  return { schema: NUMBER };
}

/** The form in which a column comes that the spec gives a type of its own. */
export function formOf(
  protocol: Protocol,
  schema: Schema,
  type: string | undefined,
): ColumnForm | undefined {
  if (protocol === "sqlite") {
    if (schema.kind === "boolean") return "boolean";
    if (schema.kind === "string") {
      return type !== undefined && /INT/i.test(type) ? "text" : undefined;
    }
    return schema.kind === "integer" || schema.kind === "number" || schema.kind === "enum"
      ? undefined
      : "json";
  }
  const numeric = schema.kind === "integer" || schema.kind === "number";
  if (protocol === "mysql") {
    if (numeric) {
      return type === undefined || /^(?:bigint|decimal)/.test(type) ? "number" : undefined;
    }
    if (schema.kind === "boolean") return "boolean";
    if (schema.kind === "string" || schema.kind === "enum") {
      return type !== undefined && /int\b|^(?:year|float|double)/.test(type) ? "text" : undefined;
    }
    return type === "json" ? undefined : "json";
  }
  return numeric && (type === undefined || ["int8", "numeric", "money"].includes(type))
    ? "number"
    : undefined;
}
