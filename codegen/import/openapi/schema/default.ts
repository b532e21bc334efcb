/** Defaults in documents are often invalid; only those that are certainly valid are carried over. */
import { DIGITS } from "../../../../src/core/json.ts";
import { expand, type Out, type OutObject } from "./out.ts";

export function fittingDefault(out: OutObject, value: unknown): boolean {
  if (value === null) return out["nullable"] === true;
  const { enum: values, type, pattern } = out as {
    enum?: unknown[];
    type?: unknown;
    pattern?: unknown;
  };
  if (values !== undefined) return values.includes(value);
  switch (type) {
    case "string":
      return typeof value === "string" && out["format"] !== "binary" && pattern === undefined &&
        within(out, "Length", [...value].length);
    case "integer":
      if (isDigits(out)) return typeof value === "string" && DIGITS.test(value);
      return Number.isInteger(value) && inRange(out, value as number);
    case "number":
      return typeof value === "number" && inRange(out, value);
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value) && within(out, "Items", value.length) &&
        value.every((item) => fittingDefault(expand((out["items"] ?? "unknown") as Out), item));
    default:
      return false;
  }
}

/** An integer that JSON has as text. */
export function isDigits(out: OutObject): boolean {
  return out["type"] === "integer" && out["as"] !== undefined;
}

/** A whole number as text, unless it is one that a JavaScript number does not hold. */
export function digitsOf(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value;
}

export function within(out: OutObject, what: string, size: number): boolean {
  return size >= number(out[`min${what}`], 0) && size <= number(out[`max${what}`], Infinity);
}

export function inRange(out: OutObject, value: number): boolean {
  return value >= number(out["minimum"], -Infinity) && value <= number(out["maximum"], Infinity) &&
    value > number(out["exclusiveMinimum"], -Infinity) &&
    value < number(out["exclusiveMaximum"], Infinity) &&
    out["multipleOf"] === undefined;
}

function number(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}
