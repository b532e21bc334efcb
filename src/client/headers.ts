/** Header fields in every shape that callers use. */
import type { HeaderList } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";

/** A record (an array repeats the field, undefined leaves it out), pairs, or WHATWG Headers. */
export type HeadersInput =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | HeaderList
  | Headers;

const NONE: HeaderList = [];

/** Order and repeats kept; names as given. The engine judges their validity. */
export function toHeaderList(input: HeadersInput | undefined): HeaderList {
  if (input === undefined) return NONE;
  if (Array.isArray(input)) return input as HeaderList;
  if (input instanceof Headers) return [...input];
  const list: [string, string][] = [];
  // Untyped callers pass numbers too.
  const record = input as Readonly<Record<string, unknown>>;
  for (const name in record) {
    const value = record[name];
    if (Array.isArray(value)) { for (const item of value) list.push([name, text(name, item)]); }
    else if (value !== undefined) list.push([name, text(name, value)]);
  }
  return list;
}

function text(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const found = value === null ? "null" : `of type ${typeof value}`;
  throw invalidRequest(
    "request.header",
    `The header ${name} is ${found}: give a string, or leave it out`,
  );
}

/**
 * Lower-case names to values, repeats joined with `, `. Several Set-Cookie are joined with a newline, since a comma is
 * part of their dates; the list keeps them apart.
 */
export function toHeaderRecord(list: HeaderList): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [key, value] of list) {
    const name = key.toLowerCase();
    // Assigning __proto__ would change the object instead of its content.
    if (name === "__proto__") continue;
    const before = Object.hasOwn(record, name) ? record[name] : undefined;
    record[name] = before === undefined
      ? value
      : `${before}${name === "set-cookie" ? "\n" : ", "}${value}`;
  }
  return record;
}
