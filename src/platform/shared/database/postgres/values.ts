/** PostgreSQL's text of a value as JSON text. What is a string there anyway is never parsed into anything else. */
import { toBase64 } from "../../../../core/bytes.ts";
import { WRONG } from "../../../../engine/database/failures.ts";
import { type ColumnsAs, onOneLine, textAs } from "../column_as.ts";
import { arrayToJson } from "./array_text.ts";
import {
  ARRAYS,
  BOOL,
  BYTEA,
  FLOATS,
  JSON_TYPES,
  SMALL_NUMBERS,
  TIMESTAMPS,
  TIMESTAMPTZ,
} from "./types.ts";

export type ToJson = (text: string) => string;

export interface Column {
  readonly name: string;
  readonly type: number;
}

/**
 * Makes the JSON of a row; `arrays`: types of elements by those of lists, 0 for what is none; `first`: only of its first
 * column. @throws ConnectorError `database.same_name`.
 */
export function rowEncoder(
  columns: readonly Column[],
  arrays: ReadonlyMap<number, number>,
  as: ColumnsAs,
  first: boolean,
): (row: readonly (string | null)[]) => string {
  const encoders = columns.map(({ name, type }) => encoderOf(type, arrays, name, as));
  if (first) {
    const [encode = quote] = encoders;
    return ([text = null]) => text === null ? "null" : encode(text);
  }
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw WRONG.sameName(twice);
  const heads = names.map((name, at) => `${at === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  if (heads.length === 0) return () => "{}";
  return (row) => {
    let json = "";
    for (let at = 0; at < heads.length; at++) {
      const text = row[at] ?? null;
      json += heads[at] as string;
      json += text === null ? "null" : (encoders[at] as ToJson)(text);
    }
    return `${json}}`;
  };
}

function encoderOf(
  type: number,
  arrays: ReadonlyMap<number, number>,
  name: string,
  as: ColumnsAs,
): ToJson {
  const element = ARRAYS.get(type) ?? arrays.get(type) ?? 0;
  if (element !== 0) {
    const inner = encoderOf(element, arrays, name, as);
    return (text) => arrayToJson(text, inner);
  }
  const said = Object.hasOwn(as, name) ? as[name] : undefined;
  if (said !== undefined) return (text) => textAs(said, text, name);
  if (SMALL_NUMBERS.has(type)) return (text) => text;
  if (FLOATS.has(type)) return float;
  if (TIMESTAMPS.has(type)) return (text) => timestamp(text, type === TIMESTAMPTZ);
  if (JSON_TYPES.has(type)) return onOneLine;
  if (type === BOOL) return (text) => text === "t" ? "true" : "false";
  if (type === BYTEA) return bytes;
  return quote;
}

const quote: ToJson = JSON.stringify;

/** NaN and infinities are text. */
function float(text: string): string {
  return /[a-df-zA-DF-Z]/.test(text) ? quote(text) : text;
}

/** `2026-01-31 12:00:00.5+00` as `2026-01-31T12:00:00.5+00:00`; `infinity` and dates before Christ stay what they are. */
function timestamp(text: string, zoned: boolean): string {
  if (!text.includes(" ") || text.endsWith("BC")) return quote(text);
  const iso = text.replace(" ", "T");
  return quote(zoned && /[+-]\d\d$/.test(iso) ? `${iso}:00` : iso);
}

function bytes(text: string): string {
  const length = (text.length - 2) / 2;
  const all = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    all[at] = parseInt(text.slice(2 + at * 2, 4 + at * 2), 16);
  }
  return `"${toBase64(all)}"`;
}
