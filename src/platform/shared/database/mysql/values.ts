/** MySQL's values as JSON text, and values of calls as MySQL's. */
import { Buffer } from "node:buffer";
import { fromBase64, toBase64 } from "../../../../core/bytes.ts";
import type { DatabaseValue } from "../../../../core/database/body.ts";
import { badBody, WRONG } from "../../../../engine/database/failures.ts";
import { type ColumnsAs, onOneLine, textAs } from "../column_as.ts";
import type { FoundColumn, Row, Value } from "./package.ts";

/** Numbers of MySQL's types, as far as values are not passed on as they are. */
const [FLOAT, TIMESTAMP, BIGINT, DATETIME, JSON_TYPE] = [4, 7, 8, 12, 245] as const;

type ToJson = (value: Exclude<Value, null>) => string;

/** Makes the JSON of a row; `first`: only of its first column. @throws ConnectorError `database.same_name`. */
export function rowEncoder(
  columns: readonly FoundColumn[],
  as: ColumnsAs,
  first: boolean,
): (row: Row) => string {
  const encoders = columns.map((column) => encoderOf(column, as));
  if (first) {
    const [encode = quote] = encoders;
    return ([value = null]) => value === null ? "null" : encode(value);
  }
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw WRONG.sameName(twice);
  const heads = names.map((name, at) => `${at === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  return (row) => {
    let json = "";
    for (let at = 0; at < heads.length; at++) {
      const value = row[at] ?? null;
      json += heads[at] as string;
      json += value === null ? "null" : (encoders[at] as ToJson)(value);
    }
    return `${json}}`;
  };
}

function encoderOf({ name, columnType, extendedFormat }: FoundColumn, as: ColumnsAs): ToJson {
  const said = Object.hasOwn(as, name) ? as[name] : undefined;
  if (said !== undefined) return (value) => textAs(said, textOf(value), name);
  if (columnType === JSON_TYPE || extendedFormat === "json") {
    return (value) => onOneLine(String(value));
  }
  if (columnType === BIGINT) return (value) => `"${numeral(value)}"`;
  if (columnType === FLOAT) return (value) => plain(shortest(Number(value)));
  if (columnType === TIMESTAMP) return (value) => quote(moment(String(value), "+00:00"));
  if (columnType === DATETIME) return (value) => quote(moment(String(value), ""));
  return plain;
}

function plain(value: Exclude<Value, null>): string {
  if (value instanceof Uint8Array) return `"${toBase64(value)}"`;
  return JSON.stringify(value);
}

/** Of an integer; one with more digits than a number holds is text already. */
function numeral(value: Exclude<Value, null>): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const quote = (text: unknown): string => JSON.stringify(String(text));

function textOf(value: Exclude<Value, null>): string {
  if (value instanceof Uint8Array) return toBase64(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A number of four bytes comes as one of eight, which has more digits than it ever had. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** `2026-01-31 12:00:00.5` as `2026-01-31T12:00:00.5`; dates that are none stay what they are. */
function moment(text: string, zone: string): string {
  return text.startsWith("0000") ? text : `${text.replace(" ", "T")}${zone}`;
}

/** @throws ConnectorError `database.request`. */
export function toMysql(value: DatabaseValue, at: number): Value {
  if (typeof value !== "object" || value === null) return value;
  const { $bytes: base64 } = value as { readonly $bytes?: unknown };
  if (typeof base64 !== "string" || Object.keys(value).length !== 1) return JSON.stringify(value);
  const bytes = fromBase64(base64);
  if (bytes === undefined) throw badBody(`$bytes of parameter ${at + 1} is not base64`);
  return Buffer.from(bytes);
}
