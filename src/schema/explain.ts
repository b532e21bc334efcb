/** Turns the validator's report into the mistakes to correct, without wrappers and alternatives that were not meant. */
import type { OutputUnit } from "@cfworker/json-schema";
import type { Checked, SchemaNode } from "./check.ts";
import { patternOf } from "./pattern/format.ts";

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

/** Keywords that only say that something inside them is wrong. */
const WRAPPERS = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "dependentSchemas",
  "else",
  "if",
  "items",
  "patternProperties",
  "prefixItems",
  "properties",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** A mistake with the facts that others need to word it. */
export interface Found {
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
  /** The values that would be right, if there are few, so that alternatives can be merged. */
  readonly expected: readonly string[];
}

export function explain(checked: Checked, value: unknown): Mistake[] {
  // As most are.
  if (checked.errors.length === 0) return [];
  return findMistakes(checked, value).slice(0, MAX_MISTAKES)
    .map(({ pointer, message }) => ({ path: toPath(pointer), pointer, message }));
}

/** Removes duplicates. */
export function findMistakes(checked: Checked, value: unknown): Found[] {
  const found = reduce(checked.errors, checked, value);
  return [...new Map(found.map((one) => [`${one.pointer} ${one.message}`, one])).values()];
}

function reduce(errors: readonly OutputUnit[], checked: Checked, value: unknown): Found[] {
  const found: Found[] = [];
  for (let at = 0; at < errors.length; at++) {
    const error = errors[at];
    if (error === undefined) continue;
    if (error.keyword === "anyOf" || error.keyword === "oneOf") {
      const end = endOf(errors, at);
      found.push(...alternatives(error, errors.slice(at + 1, end), checked, value));
      at = end - 1;
    } else if (
      error.keyword === "not" || error.keyword === "contains" || error.keyword === "propertyNames"
    ) {
      // Their inner errors are about a different value than the one to correct.
      found.push(leaf(error, checked, value));
      at = endOf(errors, at) - 1;
    } else if (!WRAPPERS.has(error.keyword)) {
      found.push(leaf(error, checked, value));
    }
  }
  return found;
}

/** Where the errors inside the one at `at` end; they follow it. */
function endOf(errors: readonly OutputUnit[], at: number): number {
  const prefix = `${errors[at]?.keywordLocation}/`;
  let end = at + 1;
  while (errors[end]?.keywordLocation.startsWith(prefix)) end++;
  return end;
}

/** The mistakes of the alternative that was most likely meant. */
function alternatives(
  error: OutputUnit,
  inner: readonly OutputUnit[],
  checked: Checked,
  value: unknown,
): Found[] {
  const pointer = toPointer(error.instanceLocation);
  const branches = new Map<string, OutputUnit[]>();
  for (const one of inner) {
    const index = one.keywordLocation.slice(error.keywordLocation.length + 1).split("/")[0] ?? "";
    const branch = branches.get(index) ?? [];
    branches.set(index, branch);
    branch.push(one);
  }
  const reduced = [...branches.values()].map((branch) => reduce(branch, checked, value))
    .filter((branch) => branch.length > 0);
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

function leaf(error: OutputUnit, checked: Checked, value: unknown): Found {
  const { keyword } = error;
  const pointer = toPointer(error.instanceLocation);
  const rule = checked.at(error.keywordLocation);
  const here = lookUp(value, pointer);
  const say = (message: string, at = pointer, expected: readonly string[] = []): Found => ({
    pointer: at,
    keyword,
    message,
    expected,
  });
  switch (keyword) {
    case "required": {
      const name = /property "(.*)"\.$/s.exec(error.error)?.[1] ?? "";
      return say("is missing", `${pointer}/${escapePointer(name)}`);
    }
    case "type": {
      const types = (Array.isArray(rule) ? rule : [rule]).map((type) => article(String(type)));
      return say(`is ${show(here)}: must be ${either(types)}`, pointer, types);
    }
    case "const":
      return say(`is ${show(here)}: must be ${text(rule)}`, pointer, [text(rule)]);
    case "enum": {
      const values = Array.isArray(rule) ? rule.map(text) : [];
      return say(`is ${show(here)}: must be ${either(values)}`, pointer, values);
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
    case "format": {
      const pattern = patternOf(rule);
      if (pattern !== undefined) return say(`does not match the pattern ${pattern}`);
      return say(`is not a valid ${String(rule)}`);
    }
    default:
      return say(error.error.replace(/\.$/, ""));
  }
}

/** `#/messages/0` → `/messages/0`; the validator writes names as in a URL. */
function toPointer(location: string): string {
  return decodeURIComponent(location.slice(1));
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
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
