/** Prepares JSON Schemas for validation: shared definitions are resolved once, each schema on first use. */
import { dereference, type OutputUnit, type Schema, validate } from "@cfworker/json-schema";
import { createCompiler, type SchemaNode, type Test } from "./compile.ts";
import { costOf } from "./cost.ts";
import { patternFormat } from "./pattern/format.ts";
import { isSlow } from "./pattern/pattern.ts";

export type { SchemaNode };

export interface Checked {
  readonly errors: readonly OutputUnit[];
  /** The schema at a keyword location of an error, references followed. */
  at(keywordLocation: string): unknown;
}

/** Comparisons that wording the mistakes may take: they are made while nothing else can be done. */
const MOST_COST = 50_000;
const BASE = new URL("https://vastar.invalid/schema");
const MAPS = new Set([
  "$defs",
  "definitions",
  "properties",
  "patternProperties",
  "dependentSchemas",
]);
const LISTS = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const SCHEMAS = new Set([
  "additionalProperties",
  "contains",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
/** Keywords whose values are data: copied, never walked. */
const VALUES = new Set([
  "$ref",
  "const",
  "dependentRequired",
  "enum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "maxContains",
  "maxItems",
  "maxLength",
  "maxProperties",
  "maximum",
  "minContains",
  "minItems",
  "minLength",
  "minProperties",
  "minimum",
  "multipleOf",
  "pattern",
  "required",
  "type",
  "uniqueItems",
]);

/**
 * A copy with only the keywords that constrain values. The validator writes into schemas and treats an unknown
 * keyword's value as a schema, so it must get neither the shared definition nor its examples.
 */
export function constraintsOf(schema: unknown): Schema | boolean {
  if (typeof schema === "boolean") return schema;
  const copy: Schema = {};
  let slow: string | undefined;
  for (const [keyword, value] of Object.entries(schema ?? {})) {
    if (keyword === "pattern" && isSlow(String(value))) slow = String(value);
    else if (VALUES.has(keyword)) copy[keyword] = value;
    else if (SCHEMAS.has(keyword)) copy[keyword] = constraintsOf(value);
    else if (LISTS.has(keyword) && Array.isArray(value)) copy[keyword] = value.map(constraintsOf);
    else if (MAPS.has(keyword) && typeof value === "object" && value !== null) {
      copy[keyword] = Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, constraintsOf(inner)]),
      );
    }
  }
  if (slow === undefined) return copy;
  // The validator would use `RegExp`; what a format is, it asks of a function.
  const name = patternFormat(slow);
  if (copy["format"] === undefined) copy["format"] = name;
  else copy["allOf"] = [...(copy["allOf"] as Schema[] | undefined) ?? [], { format: name }];
  return copy;
}

/** Returns a check for schemas that refer to `#/$defs/…` in `types`. Names are unique. */
export function createChecker(
  types: SchemaNode,
): (name: string, schema: unknown, value: unknown) => Checked {
  const prepared = new Map<
    string,
    { readonly schema: Schema | boolean; readonly test: Test | undefined }
  >();
  let root: Schema | undefined;
  let lookup: Record<string, Schema | boolean> = {};

  const typeNamed = (reference: string): unknown =>
    (root as { readonly $defs: SchemaNode }).$defs[refName(reference)];
  const compiler = createCompiler(typeNamed);

  return (name, input, value) => {
    if (root === undefined) {
      root = { $defs: constraintsOf({ properties: types }) };
      root = { $defs: (root["$defs"] as SchemaNode)["properties"] };
      lookup = dereference(root, Object.create(null), BASE);
    }
    let known = prepared.get(name);
    if (known === undefined) {
      const constraints = constraintsOf(input);
      // Before the validator writes its own keywords into them.
      const test = compiler.compile(constraints);
      dereference(constraints, lookup, BASE, `/schemas/${encodeURIComponent(name)}`);
      prepared.set(name, known = { schema: constraints, test });
    }
    if (known.test !== undefined && isRight(known.test, value)) return RIGHT;
    const start = known.schema;
    if (costOf(start, value, typeNamed, MOST_COST) > MOST_COST) return TOO_MUCH;
    const defs = root["$defs"] as SchemaNode;
    // Not short-circuited: callers want all mistakes at once.
    const { errors } = validate(value, start, "2020-12", lookup, false);
    return { errors: errors.map(located), at: (location) => walk(start, defs, location) };
  };
}

/** What nests deeper than this runtime's stack is not right, and is reported as too much. */
function isRight(test: Test, value: unknown): boolean {
  try {
    return test(value);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const RIGHT: Checked = { errors: [], at: () => undefined };
const TOO_MUCH: Checked = {
  errors: [{
    instanceLocation: "#",
    keyword: "anyOf.size",
    keywordLocation: "#",
    error: "does not fit, and is too large, or nests too much, to say where",
  }],
  at: () => undefined,
};

/** For a `false` schema the validator reports the value alone; this adds the location of the rule, as for other keywords. */
function located(error: OutputUnit, at: number, all: readonly OutputUnit[]): OutputUnit {
  if (error.keyword !== "false") return error;
  return { ...error, keywordLocation: `${all[at - 1]?.keywordLocation ?? "#"}/false` };
}

function walk(start: unknown, types: SchemaNode, location: string): unknown {
  let node: unknown = start;
  for (const raw of location.split("/").slice(1)) {
    const key = decodeURIComponent(raw).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof node !== "object" || node === null) return undefined;
    const next: unknown = (node as SchemaNode)[key];
    node = key === "$ref" && typeof next === "string" ? types[refName(next)] : next;
  }
  return node;
}

/** `#/$defs/Name` → `Name`. */
export function refName(reference: string): string {
  return decodeURIComponent(reference.replace(/^#\/\$defs\//, "")).replaceAll("~1", "/").replaceAll(
    "~0",
    "~",
  );
}
