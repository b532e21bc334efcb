/** Strings, numbers, booleans and null. */
import type { Key } from "../../load/source.ts";
import type { NumberSchema, Schema, StringSchema } from "../../model/schema.ts";
import { matches } from "../../model/types/pattern.ts";
import { show } from "../report/show.ts";
import type { ValueTest } from "./misfit.ts";

export function checkBounds(
  check: ValueTest,
  schema: Schema,
  value: unknown,
  path: readonly Key[],
): void {
  const wrong = (what: string): void => {
    const quote = what === "Text" && (typeof value === "number" || typeof value === "boolean");
    const help = quote ? `Put it in quotes: "${String(value)}".` : `Write ${what.toLowerCase()}.`;
    check.add(path, `${what} belongs here, but ${show(value)} was found.`, help);
  };
  switch (schema.kind) {
    case "string":
      return typeof value === "string" ? checkText(check, schema, value, path) : wrong("Text");
    case "boolean":
      return typeof value === "boolean" ? undefined : wrong("True or false");
    case "null":
      return value === null ? undefined : wrong("Null");
    case "integer":
      if (!Number.isInteger(value)) return wrong("A whole number");
      return checkNumber(check, schema, value as number, path);
    case "number":
      return typeof value === "number"
        ? checkNumber(check, schema, value, path)
        : wrong("A number");
    default:
      return undefined;
  }
}

function checkText(
  check: ValueTest,
  schema: StringSchema,
  value: string,
  path: readonly Key[],
): void {
  const { length } = [...value];
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  if (length < minLength || length > maxLength) {
    const range = maxLength === Infinity ? `at least ${minLength}` : `${minLength} to ${maxLength}`;
    check.add(path, `The text has ${length} characters.`, `It takes ${range}.`);
  }
  if (pattern !== undefined && !matches(pattern, value)) {
    check.add(path, `${show(value)} does not match the pattern.`, `It must match \`${pattern}\`.`);
  }
}

function checkNumber(
  check: ValueTest,
  schema: NumberSchema,
  value: number,
  path: readonly Key[],
): void {
  const {
    minimum = -Infinity,
    maximum = Infinity,
    exclusiveMinimum = -Infinity,
    exclusiveMaximum = Infinity,
  } = schema;
  const say = (rule: string): void =>
    check.add(path, `${value} is out of range.`, `It must be ${rule}.`);
  if (value < minimum) say(`at least ${minimum}`);
  if (value > maximum) say(`at most ${maximum}`);
  if (value <= exclusiveMinimum) say(`above ${exclusiveMinimum}`);
  if (value >= exclusiveMaximum) say(`below ${exclusiveMaximum}`);
  const { multipleOf } = schema;
  if (
    multipleOf !== undefined && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9
  ) {
    say(`a multiple of ${multipleOf}`);
  }
}
