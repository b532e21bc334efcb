/** What an operation answers, from its columns: as the server said, as the spec says, or unknown. */
import type { Cursor } from "../../load/cursor.ts";
import type { ColumnForm, Protocol, RowsKind } from "../../model/database.ts";
import type { PropertyModel, Schema } from "../../model/schema.ts";
import type { Context } from "../context.ts";
import { entriesOf } from "../fields/fields.ts";
import { didYouMean } from "../report/suggest.ts";
import type { LockedColumn } from "./lock.ts";
import { columnType, formOf, type Typed } from "./types.ts";

export interface Columns {
  readonly row: Schema;
  readonly value: Schema;
  readonly as: readonly { readonly column: string; readonly form: ColumnForm }[];
}

export interface ColumnSources {
  /** The operation, for messages. */
  readonly operation: Cursor;
  readonly declared: Cursor | undefined;
  /** Undefined: the server has not been asked about this statement; `stale` if that has been said. */
  readonly locked: readonly LockedColumn[] | undefined;
  readonly stale: boolean;
  readonly protocol: Protocol;
  readonly result: RowsKind;
}

interface Column extends Typed {
  readonly name: string;
}

export function readColumns(ctx: Context, sources: ColumnSources): Columns {
  const { declared, locked, result } = sources;
  const own = declared === undefined ? [] : readDeclared(ctx, declared);
  const known = locked !== undefined || own.length > 0 || result === "affected";
  if (!known && !sources.stale) tellUnknown(ctx, sources);
  if (locked !== undefined) checkNames(ctx, sources, locked, own);
  const columns = locked === undefined
    ? own.map((one) => typed(sources, one))
    : locked.map((column) => typed(sources, own.find(({ name }) => name === column.name), column));
  const properties = columns.map(({ name, schema }): PropertyModel => ({
    name,
    schema,
    required: true,
  }));
  const [first] = columns;
  return {
    row: first === undefined
      ? { kind: "record", values: { kind: "unknown" } }
      : { kind: "object", properties, additional: false },
    value: first?.schema ?? { kind: "unknown" },
    as: columns.flatMap(({ name, form }) => form === undefined ? [] : [{ column: name, form }]),
  };
}

interface Declared {
  readonly name: string;
  readonly at: Cursor;
  /** Undefined: the server's, of which only whether it may be null is said. */
  readonly schema: Schema | undefined;
  readonly nullable: boolean | undefined;
}

function readDeclared(ctx: Context, cursor: Cursor): Declared[] {
  const help = "Write each with its type: `columns: { total: number }`.";
  return entriesOf(ctx.report, cursor, help).map(([name, at]) => {
    const nullable = at.at("nullable")?.value;
    const only = at.kind === "mapping" && at.keys().join() === "nullable" &&
      typeof nullable === "boolean";
    if (only) return { name, at, schema: undefined, nullable };
    const schema = ctx.readSchema(ctx, at);
    ctx.readTypes();
    return { name, at, schema, nullable: undefined };
  });
}

function typed(
  { protocol }: ColumnSources,
  own: Declared | undefined,
  locked?: LockedColumn,
): Column {
  const name = own?.name ?? locked?.name ?? "";
  if (own?.schema !== undefined) {
    const form = formOf(protocol, own.schema, locked?.type);
    return { name, schema: own.schema, ...(form !== undefined && { form }) };
  }
  if (locked === undefined) return { name, schema: { kind: "unknown" } };
  const { notNull, ...column } = locked;
  const always = own?.nullable === undefined ? notNull === true : !own.nullable;
  return { name, ...columnType(protocol, { ...column, ...(always && { notNull: true }) }) };
}

function checkNames(
  ctx: Context,
  { operation, result }: ColumnSources,
  locked: readonly LockedColumn[],
  own: readonly Declared[],
): void {
  const names = locked.map(({ name }) => name);
  for (const { name, at } of own) {
    if (names.includes(name)) continue;
    ctx.report.add(
      "VC2611",
      at,
      `The statement has no column \`${name}\`.`,
      didYouMean(name, names, "columns"),
      "key",
    );
  }
  const at = operation.at("sql") ?? operation;
  if (result === "value") {
    if (names.length < 2) return;
    const message = `The statement has ${names.length} columns, and a \`value\` is one.`;
    ctx.report.add("VC2610", at, message, "Select one, or write `result: row`.");
    return;
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    const help = `Name one of them with \`as\`, such as \`… as other_${
      twice.replace(/\W/g, "")
    }\`.`;
    ctx.report.add("VC2611", at, `Two columns are called \`${twice}\`.`, help);
  } else if (names.includes("?column?")) {
    ctx.report.add(
      "VC2611",
      at,
      "A column has no name.",
      "Name it with `as`, such as `… as total`.",
    );
  }
}

function tellUnknown(ctx: Context, { operation, protocol }: ColumnSources): void {
  const ask = "`vastar generate --database URL` asks the server and writes the lock file";
  const message = "Nothing is known of the columns, so callers get `unknown`.";
  const help = `${ask}; or say what they are: \`columns: { id: ${
    protocol === "sqlite" ? "integer" : "string"
  } }\`.`;
  ctx.report.add("VC2608", operation, message, `${help[0]}${help.slice(1)}`, "key");
}
