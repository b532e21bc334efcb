/**
 * JSON Schemas as functions that say whether a value is right, and nothing about why. Without `eval`, which workerd forbids: a
 * schema becomes closures when it is first used. Most calls are right, and cost a tenth of what the interpreter takes; for one
 * that is not, the interpreter words the mistakes.
 */
import { deepCompareStrict, format, ucs2length } from "@cfworker/json-schema";
import { isMultipleOf } from "./multiple_of.ts";
import { type TextTest, textTest } from "./pattern/pattern.ts";

/** A schema node as those read it that take its keywords one by one. */
export type SchemaNode = { readonly [keyword: string]: unknown };

export type Test = (value: unknown) => boolean;
type Values = Readonly<Record<string, unknown>>;

/** What generated connectors use. A schema with any other keyword is left to the interpreter. */
const KNOWN = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "anyOf",
  "const",
  "enum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "items",
  "maxItems",
  "maxLength",
  "maxProperties",
  "maximum",
  "minItems",
  "minLength",
  "minProperties",
  "minimum",
  "multipleOf",
  "not",
  "oneOf",
  "pattern",
  "patternProperties",
  "prefixItems",
  "properties",
  "propertyNames",
  "required",
  "type",
  "uniqueItems",
]);

class Unsupported extends Error {}

/** After so many references in one value, what is asked for again is remembered: alternatives that nest would double the work. */
const REMEMBER_FROM = 1_000;

/** `compile` gives undefined for a schema that has to be interpreted. Schemas must hold constraints only (`constraintsOf`). */
export function createCompiler(
  typeNamed: (reference: string) => unknown,
): { compile(schema: unknown): Test | undefined } {
  const named = new Map<string, Test>();
  let references = 0;
  let remembered = new Map<Test, Map<object, boolean>>();

  /** What refers to itself is complete before it is first called. */
  function reference(name: string): Test {
    const known = named.get(name);
    if (known !== undefined) return known;
    const schema = typeNamed(name);
    if (schema === undefined) throw new Unsupported(name);
    const test: Test = (value) => {
      if (typeof value !== "object" || value === null || ++references < REMEMBER_FROM) {
        return inner(value);
      }
      const results = remembered.get(test) ?? new Map<object, boolean>();
      remembered.set(test, results);
      let result = results.get(value);
      if (result === undefined) results.set(value, result = inner(value));
      return result;
    };
    named.set(name, test);
    const inner = node(schema);
    return test;
  }

  /** What is remembered is of one value. */
  function begin(test: Test): Test {
    return (value) => {
      references = 0;
      try {
        return test(value);
      } finally {
        if (references >= REMEMBER_FROM) remembered = new Map();
      }
    };
  }

  function node(schema: unknown): Test {
    if (typeof schema === "boolean") return () => schema;
    const rules = schema as SchemaNode;
    for (const keyword of Object.keys(rules)) {
      if (!KNOWN.has(keyword)) throw new Unsupported(keyword);
    }
    const tests = [
      ...anyValue(rules),
      ...combined(rules),
      ...whole(isString, strings(rules)),
      ...whole(isNumber, numbers(rules)),
      ...whole(Array.isArray, lists(rules)),
      ...whole(isObject, objects(rules)),
    ];
    return all(tests);
  }

  function combined({ $ref, allOf, anyOf, oneOf, not }: SchemaNode): Test[] {
    const tests: Test[] = [];
    if ($ref !== undefined) tests.push(reference(String($ref)));
    if (Array.isArray(allOf)) tests.push(...allOf.map(node));
    if (Array.isArray(anyOf)) {
      const members = anyOf.map(node);
      tests.push((value) => members.some((test) => test(value)));
    }
    if (Array.isArray(oneOf)) {
      const members = oneOf.map(node);
      tests.push((value) => {
        let met = 0;
        for (const test of members) if (test(value)) met++;
        return met === 1;
      });
    }
    if (not !== undefined) {
      const test = node(not);
      tests.push((value) => !test(value));
    }
    return tests;
  }

  function lists(rules: SchemaNode): ((list: readonly unknown[]) => boolean)[] {
    const { prefixItems, items, uniqueItems } = rules;
    const tests = between<readonly unknown[]>(rules, "minItems", "maxItems", (list) => list.length);
    const first = Array.isArray(prefixItems) ? prefixItems.map(node) : [];
    const rest = items === undefined ? undefined : node(items);
    if (first.length > 0 || rest !== undefined) {
      tests.push((list) => list.every((item, at) => (first[at] ?? rest)?.(item) ?? true));
    }
    if (uniqueItems === true) tests.push(allDiffer);
    return tests;
  }

  function objects(rules: SchemaNode): ((object: Values) => boolean)[] {
    const { required, properties, patternProperties, additionalProperties, propertyNames } = rules;
    const tests = between<Values>(
      rules,
      "minProperties",
      "maxProperties",
      (object) => Object.keys(object).length,
    );
    if (Array.isArray(required)) {
      const names = required.map(String);
      tests.push((object) => {
        for (const name of names) if (!Object.hasOwn(object, name)) return false;
        return true;
      });
    }
    const own = new Map(Object.entries(properties ?? {}).map(([name, one]) => [name, node(one)]));
    const patterns = Object.entries(patternProperties ?? {}).map(([text, one]) =>
      [pattern(text), node(one)] as const
    );
    const others = additionalProperties === undefined ? undefined : node(additionalProperties);
    const nameTest = propertyNames === undefined ? undefined : node(propertyNames);
    if (own.size + patterns.length > 0 || others !== undefined || nameTest !== undefined) {
      tests.push((object) => {
        for (const name of Object.keys(object)) {
          if (nameTest?.(name) === false) return false;
          const value = object[name];
          const test = own.get(name);
          if (test?.(value) === false) return false;
          let met = test !== undefined;
          for (const [regex, inner] of patterns) {
            if (!regex.test(name)) continue;
            if (!inner(value)) return false;
            met = true;
          }
          if (!met && others?.(value) === false) return false;
        }
        return true;
      });
    }
    return tests;
  }

  return {
    compile(schema) {
      try {
        return begin(node(schema));
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
        // What was compiled on the way may refer to what was not.
        named.clear();
        return undefined;
      }
    },
  };
}

/** Rules for values of one kind say nothing about others. */
function whole<T>(
  is: (value: unknown) => value is T,
  tests: readonly ((value: T) => boolean)[],
): Test[] {
  if (tests.length === 0) return [];
  const test = all(tests);
  return [(value) => !is(value) || test(value)];
}

function all<T>(tests: readonly ((value: T) => boolean)[]): (value: T) => boolean {
  const [first, second, ...more] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (more.length === 0) return (value) => first(value) && second(value);
  return (value) => {
    for (const test of tests) if (!test(value)) return false;
    return true;
  };
}

function anyValue({ type, const: constant, enum: values }: SchemaNode): Test[] {
  const tests: Test[] = [];
  if (Array.isArray(type)) {
    const kinds = type.map(typeTest);
    tests.push((value) => kinds.some((is) => is(value)));
  } else if (type !== undefined) tests.push(typeTest(type));
  if (constant !== undefined) tests.push(equals(constant));
  if (Array.isArray(values)) {
    const plain = new Set<unknown>(values);
    const deep = values.filter((value) => typeof value === "object" && value !== null).map(equals);
    tests.push((value) => plain.has(value) || deep.some((same) => same(value)));
  }
  return tests;
}

function equals(wanted: unknown): Test {
  return typeof wanted === "object" && wanted !== null
    ? (value) => deepCompareStrict(value, wanted)
    : (value) => value === wanted;
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

function strings(rules: SchemaNode): ((text: string) => boolean)[] {
  const tests = between<string>(rules, "minLength", "maxLength", ucs2length);
  if (typeof rules["pattern"] === "string") {
    const regex = pattern(rules["pattern"]);
    tests.push((text) => regex.test(text));
  }
  const known = (format as Readonly<Record<string, ((text: string) => boolean) | undefined>>)[
    String(rules["format"])
  ];
  if (rules["format"] !== undefined && known !== undefined) tests.push(known);
  return tests;
}

function numbers(rules: SchemaNode): ((value: number) => boolean)[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = rules as Record<
    string,
    number | undefined
  >;
  const tests: ((value: number) => boolean)[] = [];
  if (minimum !== undefined) tests.push((value) => !(value < minimum));
  if (maximum !== undefined) tests.push((value) => !(value > maximum));
  if (exclusiveMinimum !== undefined) tests.push((value) => !(value <= exclusiveMinimum));
  if (exclusiveMaximum !== undefined) tests.push((value) => !(value >= exclusiveMaximum));
  if (multipleOf !== undefined) tests.push((value) => isMultipleOf(value, multipleOf));
  return tests;
}

function between<T>(
  rules: SchemaNode,
  least: string,
  most: string,
  sizeOf: (value: T) => number,
): ((value: T) => boolean)[] {
  const [min = 0, max = Infinity] = [rules[least], rules[most]] as (number | undefined)[];
  if (min === 0 && max === Infinity) return [];
  return [(value) => {
    const size = sizeOf(value);
    return size >= min && size <= max;
  }];
}

function allDiffer(list: readonly unknown[]): boolean {
  return new Set(list.map(identity)).size === list.length;
}

/** Equal for values that are equal as JSON. */
function identity(value: unknown): unknown {
  return typeof value === "string" || (typeof value === "object" && value !== null)
    ? JSON.stringify(value, sortedKeys)
    : value;
}

function sortedKeys(_: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1));
}

function pattern(text: string): TextTest {
  try {
    return textTest(text);
  } catch {
    throw new Unsupported(text);
  }
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
