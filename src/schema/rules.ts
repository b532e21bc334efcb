/** The keywords of JSON Schema that look at one value and nothing within it. */
import { formatTest } from "./format.ts";
import { isMultipleOf } from "./multiple_of.ts";
import { textTest } from "./pattern/pattern.ts";

/** A schema node as those read it that take its keywords one by one. */
export type SchemaNode = { readonly [keyword: string]: unknown };

/** A rule that a value breaks. */
export interface Breach {
  /** Where the value is, as a JSON pointer. */
  readonly pointer: string;
  /** `false`: nothing may be here. `size`: what is wrong would take too long to find. */
  readonly keyword: string;
  /** What the schema has under the keyword. */
  readonly rule: unknown;
  /** What each alternative says, of `anyOf` and `oneOf`. Empty: more than one fits. */
  readonly inner?: readonly (readonly Breach[])[];
}

export type Test<T = unknown> = (value: T) => boolean;

/** Something that a schema asks of a value. */
export interface Rule<T = unknown> {
  readonly fits: Test<T>;
  /** All that is wrong; empty for a value that fits. */
  find(value: T, pointer: string): readonly Breach[];
}

export function keywordRule<T>(keyword: string, rule: unknown, fits: Test<T>): Rule<T> {
  return { fits, find: (value, pointer) => fits(value) ? [] : [{ pointer, keyword, rule }] };
}

/** Several rules as one. */
export function all<T>(rules: readonly Rule<T>[]): Rule<T> {
  const [one, another] = rules;
  if (one !== undefined && another === undefined) return one;
  const tests = rules.map(({ fits }) => fits);
  const [first, second] = tests;
  return {
    fits: first !== undefined && second !== undefined && tests.length === 2
      ? (value) => first(value) && second(value)
      : (value) => {
        for (const test of tests) if (!test(value)) return false;
        return true;
      },
    find: (value, pointer) => rules.flatMap((rule) => rule.find(value, pointer)),
  };
}

/** Rules for values of one kind say nothing about others. */
export function whole<T>(
  is: (value: unknown) => value is T,
  rules: readonly Rule<T>[],
): Rule[] {
  if (rules.length === 0) return [];
  const { fits, find } = all(rules);
  return [{
    fits: (value) => !is(value) || fits(value),
    find: (value, pointer) => is(value) ? find(value, pointer) : [],
  }];
}

export function anyValue({ type, const: constant, enum: values }: SchemaNode): Rule[] {
  const rules: Rule[] = [];
  if (Array.isArray(type)) {
    const kinds = type.map(typeTest);
    rules.push(keywordRule("type", type, (value) => kinds.some((is) => is(value))));
  } else if (type !== undefined) rules.push(keywordRule("type", type, typeTest(type)));
  if (constant !== undefined) rules.push(keywordRule("const", constant, oneOf([constant])));
  if (Array.isArray(values)) rules.push(keywordRule("enum", values, oneOf(values)));
  return rules;
}

export function strings(rules: SchemaNode): Rule<string>[] {
  const { pattern, format } = rules;
  const found = between<string>(rules, "minLength", "maxLength", codePoints);
  if (typeof pattern === "string") {
    const regex = textTest(pattern);
    found.push(keywordRule("pattern", pattern, (text) => regex.test(text)));
  }
  const known = formatTest(format);
  if (known !== undefined) found.push(keywordRule("format", format, known));
  return found;
}

const COMPARED: Readonly<Record<string, (value: number, rule: number) => boolean>> = {
  minimum: (value, least) => value >= least,
  maximum: (value, most) => value <= most,
  exclusiveMinimum: (value, least) => value > least,
  exclusiveMaximum: (value, most) => value < most,
  multipleOf: isMultipleOf,
};

export function numbers(rules: SchemaNode): Rule<number>[] {
  return Object.entries(COMPARED).flatMap(([keyword, fits]) => {
    const rule = rules[keyword];
    if (typeof rule !== "number") return [];
    return [keywordRule<number>(keyword, rule, (value) => fits(value, rule))];
  });
}

export function between<T>(
  rules: SchemaNode,
  least: string,
  most: string,
  sizeOf: (value: T) => number,
): Rule<T>[] {
  const [min, max] = [rules[least], rules[most]] as (number | undefined)[];
  return [
    ...(min ? [keywordRule<T>(least, min, (value) => sizeOf(value) >= min)] : []),
    ...(max === undefined ? [] : [keywordRule<T>(most, max, (value) => sizeOf(value) <= max)]),
  ];
}

export function allDiffer(list: readonly unknown[]): boolean {
  return new Set(list.map(identity)).size === list.length;
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

export function isObject(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TYPES: Readonly<Record<string, Test>> = {
  string: isString,
  number: isNumber,
  integer: (value) => typeof value === "number" && value % 1 === 0,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isObject,
};

function typeTest(type: unknown): Test {
  return TYPES[String(type)] ?? (() => false);
}

function oneOf(values: readonly unknown[]): Test {
  const plain = new Set(values);
  const deep = new Set(values.filter(isDeep).map(identity));
  if (deep.size === 0) return (value) => plain.has(value);
  return (value) => plain.has(value) || (isDeep(value) && deep.has(identity(value)));
}

function isDeep(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Equal for values that are equal as JSON. */
function identity(value: unknown): unknown {
  return isString(value) || isDeep(value) ? JSON.stringify(value, sortedKeys) : value;
}

function sortedKeys(_: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1));
}

/** Characters, of which some take two units. */
function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    if (text.codePointAt(at)! > 0xffff) at++;
    count++;
  }
  return count;
}
