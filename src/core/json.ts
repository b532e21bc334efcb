/** JSON values as types, and numbers as text. */
export type JsonScalar = string | number | boolean | null;
export type Json = JsonScalar | readonly Json[] | { readonly [key: string]: Json };

/** JSON Schema's pattern for the text of a whole number of any size, which is a number on the wire (`as: text` or `as: bigint` in a spec). */
export const DIGITS_PATTERN = "^-?\\d+$";

export const DIGITS: RegExp = new RegExp(DIGITS_PATTERN);

/** As `JSON.stringify`; a `bigint`, which that refuses, becomes the text of its digits. */
export function jsonWithDigits(value: unknown): string {
  return JSON.stringify(value, (_, one) => typeof one === "bigint" ? String(one) : one);
}
