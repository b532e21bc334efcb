/** Keywords that limit a value. */
import type { Json } from "../../core/json.ts";

type Check<T> = (value: T, limit: Json) => boolean;

/** Each says whether the value is beyond the limit. */
const OF_TEXT: Readonly<Record<string, Check<string>>> = {
  minLength: (value, limit) => [...value].length < Number(limit),
  maxLength: (value, limit) => [...value].length > Number(limit),
  pattern: (value, limit) => patternOf(String(limit))?.test(value) === false,
  format: (value, limit) => FORMATS[String(limit)]?.test(value) === false,
};

/** Undefined if this runtime cannot read it: what is wrong with it is for `vastar spec check` to say. */
function patternOf(text: string): RegExp | undefined {
  try {
    return new RegExp(text, "u");
  } catch {
    return undefined;
  }
}

/** Those that APIs change without a change of the type; others are not looked at. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  "date-time": /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
};

const OF_NUMBER: Readonly<Record<string, Check<number>>> = {
  minimum: (value, limit) => value < Number(limit),
  maximum: (value, limit) => value > Number(limit),
  exclusiveMinimum: (value, limit) => value <= Number(limit),
  exclusiveMaximum: (value, limit) => value >= Number(limit),
  multipleOf(value, limit) {
    const times = value / Number(limit);
    // As exact as a quotient of this size is.
    return Math.abs(times - Math.round(times)) > 1e-9 * Math.max(1, Math.abs(times));
  },
};

const OF_LIST: Readonly<Record<string, Check<readonly Json[]>>> = {
  minItems: ({ length }, limit) => length < Number(limit),
  maxItems: ({ length }, limit) => length > Number(limit),
  uniqueItems: (list, limit) =>
    limit === true && new Set(list.map((one) => JSON.stringify(one))).size < list.length,
};

const OF_OBJECT: Readonly<Record<string, Check<object>>> = {
  minProperties: (value, limit) => Object.keys(value).length < Number(limit),
  maxProperties: (value, limit) => Object.keys(value).length > Number(limit),
};

export const LIMITS: readonly string[] = [OF_TEXT, OF_NUMBER, OF_LIST, OF_OBJECT].flatMap(
  (checks) => Object.keys(checks),
);

export function broken(keyword: string, limit: Json, value: Json): boolean {
  if (typeof value === "string") return OF_TEXT[keyword]?.(value, limit) ?? false;
  if (typeof value === "number") return OF_NUMBER[keyword]?.(value, limit) ?? false;
  if (Array.isArray(value)) return OF_LIST[keyword]?.(value, limit) ?? false;
  if (typeof value !== "object" || value === null) return false;
  return OF_OBJECT[keyword]?.(value, limit) ?? false;
}
