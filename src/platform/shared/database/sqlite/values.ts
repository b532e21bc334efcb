/** Values of SQLite, which has types of values and not of columns. */
import { fromBase64, toBase64 } from "../../../../core/bytes.ts";
import type { DatabaseValue } from "../../../../core/database/body.ts";
import { badBody, WRONG } from "../../../../engine/database/failures.ts";
import { type ColumnsAs, textAs } from "../column_as.ts";
import type { SqliteRow, SqliteValue } from "./handle.ts";

/** @throws ConnectorError `database.request`. */
export function toSqlite(value: DatabaseValue, at: number): SqliteValue {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  const { $bytes } = value as { $bytes?: unknown };
  if (typeof $bytes !== "string") return JSON.stringify(value);
  const bytes = fromBase64($bytes);
  if (bytes === undefined) throw badBody(`$bytes of parameter ${at + 1} is not base64`);
  return bytes;
}

/** The JSON of a row; `first`: only of its first column. @throws ConnectorError `database.column`, `database.same_name`. */
export function rowEncoder(
  columns: readonly string[],
  as: ColumnsAs,
  first: boolean,
): (row: SqliteRow) => string {
  const jsonOf = (row: SqliteRow, name: string): string => toJson(row[name] ?? null, name, as);
  if (first) return (row) => jsonOf(row, columns[0] ?? "");
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw WRONG.sameName(twice);
  const heads = columns.map((name) => `${JSON.stringify(name)}:`);
  return (row) => `{${columns.map((name, at) => `${heads[at]}${jsonOf(row, name)}`).join(",")}}`;
}

function toJson(value: SqliteValue, name: string, as: ColumnsAs): string {
  if (value === null) return "null";
  if (value instanceof Uint8Array) return `"${toBase64(value)}"`;
  const said = Object.hasOwn(as, name) ? as[name] : undefined;
  if (said !== undefined) return textAs(said, String(value), name);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return textAs("number", String(value), name);
  return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
}
