/** Turns what is wrong with a value into the mistakes to correct, without alternatives that were not meant. */
import type { Breach, SchemaNode } from "./check.ts";

export interface Mistake {
  /** `$.messages[0].role`. */
  readonly path: string;
  /** The same as a JSON pointer: `/messages/0/role`. */
  readonly pointer: string;
  /** What was found and what would be right. */
  readonly message: string;
}

/** Most mistakes reported; more would not help. */
const MAX_MISTAKES = 50;

/** A mistake with the facts that others need to word it. */
export interface Found {
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
  /** The values that would be right, if there are few, so that alternatives can be merged. */
  readonly expected: readonly string[];
}

export function explain(breaches: readonly Breach[], value: unknown): Mistake[] {
  // As most are.
  if (breaches.length === 0) return [];
  return findMistakes(breaches, value).slice(0, MAX_MISTAKES)
    .map(({ pointer, message }) => ({ path: toPath(pointer), pointer, message }));
}

/** Removes duplicates. */
export function findMistakes(breaches: readonly Breach[], value: unknown): Found[] {
  const found = reduce(breaches, value);
  return [...new Map(found.map((one) => [`${one.pointer} ${one.message}`, one])).values()];
}

function reduce(breaches: readonly Breach[], value: unknown): Found[] {
  return breaches.flatMap((breach) =>
    breach.inner === undefined
      ? [leaf(breach, value)]
      : alternatives(breach.pointer, breach.inner, value)
  );
}

/** The mistakes of the alternative that was most likely meant. */
function alternatives(
  pointer: string,
  inner: readonly (readonly Breach[])[],
  value: unknown,
): Found[] {
  const reduced = inner.map((branch) => reduce(branch, value));
  if (reduced.length === 0) {
    const message = "fits more than one of the alternatives: exactly one must fit";
    return [{ pointer, keyword: "oneOf", message, expected: [] }];
  }
  // A branch for a different type or tag value was not meant.
  const rightType = reduced.filter((branch) =>
    !branch.some((one) => one.pointer === pointer && isChoice(one))
  );
  if (rightType.length === 0) {
    return [
      merge(reduced.flatMap((branch) => branch.filter((one) => one.pointer === pointer)), value),
    ];
  }
  const rightTag = rightType.filter((branch) => !branch.some((one) => isTag(one, pointer)));
  const candidates = rightTag.length > 0 ? rightTag : rightType;
  if (rightTag.length === 0) {
    const tags = rightType.map((branch) => branch.find((one) => isTag(one, pointer)));
    const first = tags[0];
    if (first !== undefined && tags.every((tag) => tag?.pointer === first.pointer)) {
      return [merge(tags.filter((tag) => tag !== undefined), value)];
    }
  }
  return candidates.reduce((best, branch) => branch.length < best.length ? branch : best);
}

function isChoice(found: Found): boolean {
  return found.keyword === "type" || found.keyword === "const" || found.keyword === "enum";
}

/** A wrong constant in a direct property, which distinguishes the members of a union. */
function isTag(found: Found, pointer: string): boolean {
  return (found.keyword === "const" || found.keyword === "enum") &&
    found.pointer.slice(0, found.pointer.lastIndexOf("/")) === pointer;
}

function merge(found: readonly Found[], value: unknown): Found {
  const first = found[0];
  const pointer = first?.pointer ?? "";
  const types = found.filter((one) => one.keyword === "type").flatMap((one) => one.expected);
  const values = found.filter((one) => one.keyword !== "type").flatMap((one) => one.expected);
  const expected = [...new Set([...values, ...types])];
  const keyword = types.length > 0 ? "type" : "enum";
  return {
    pointer,
    keyword,
    expected,
    message: `is ${show(lookUp(value, pointer))}: must be ${either(expected)}`,
  };
}

function leaf({ pointer, keyword, rule }: Breach, value: unknown): Found {
  const here = lookUp(value, pointer);
  const say = (message: string, expected: readonly string[] = []): Found => ({
    pointer,
    keyword,
    message,
    expected,
  });
  switch (keyword) {
    case "required":
      return say("is missing");
    case "type": {
      const types = (Array.isArray(rule) ? rule : [rule]).map((type) => article(String(type)));
      return say(`is ${show(here)}: must be ${either(types)}`, types);
    }
    case "const":
      return say(`is ${show(here)}: must be ${text(rule)}`, [text(rule)]);
    case "enum": {
      const values = Array.isArray(rule) ? rule.map(text) : [];
      return say(`is ${show(here)}: must be ${either(values)}`, values);
    }
    case "false":
      return say("is not a known property here: remove it or correct its name");
    case "minLength":
      return say(`is ${length(here)} characters long: must have at least ${text(rule)}`);
    case "maxLength":
      return say(`is ${length(here)} characters long: must have at most ${text(rule)}`);
    case "minItems":
      return say(`has ${length(here)} items: must have at least ${text(rule)}`);
    case "maxItems":
      return say(`has ${length(here)} items: must have at most ${text(rule)}`);
    case "uniqueItems":
      return say("holds an item twice: all must differ");
    case "minProperties":
    case "maxProperties":
      return say(
        `has ${length(here)} properties: must have at ${
          keyword === "minProperties" ? "least" : "most"
        } ${text(rule)}`,
      );
    case "minimum":
      return say(`is ${show(here)}: must be at least ${text(rule)}`);
    case "maximum":
      return say(`is ${show(here)}: must be at most ${text(rule)}`);
    case "exclusiveMinimum":
      return say(`is ${show(here)}: must be greater than ${text(rule)}`);
    case "exclusiveMaximum":
      return say(`is ${show(here)}: must be less than ${text(rule)}`);
    case "multipleOf":
      return say(`is ${show(here)}: must be a multiple of ${text(rule)}`);
    case "pattern":
      return say(`does not match the pattern ${String(rule)}`);
    case "format":
      return say(`is not a valid ${String(rule)}`);
    case "propertyNames":
      return say("has a name that does not fit here");
    case "not":
      return say("fits what must not fit here");
    default:
      return say("does not fit, and is too large, or nests too much, to say where");
  }
}

export function segments(pointer: string): string[] {
  return pointer.split("/").slice(1).map((raw) => raw.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function toPath(pointer: string): string {
  return `$${
    segments(pointer).map((key) =>
      /^\d+$/.test(key)
        ? `[${key}]`
        : /^[A-Za-z_$][\w$]*$/.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`
    ).join("")
  }`;
}

function lookUp(value: unknown, pointer: string): unknown {
  return segments(pointer).reduce<unknown>(
    (here, key) =>
      typeof here === "object" && here !== null ? (here as SchemaNode)[key] : undefined,
    value,
  );
}

function length(value: unknown): number {
  if (typeof value === "string") return [...value].length;
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

function article(type: string): string {
  if (type === "null") return type;
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** A value for a message: short ones as they are, long ones by their type. */
function show(value: unknown): string {
  if (value === undefined) return "absent";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const shown = text(value);
  return shown.length <= 60 ? shown : `a ${typeof value} of ${length(value)} characters`;
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "absent";
}

function either(options: readonly string[]): string {
  const shown = options.length > 12
    ? [...options.slice(0, 12), `${options.length - 12} others`]
    : options;
  const last = shown.at(-1) ?? "something else";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} or ${last}`;
}
