/** Compiled schemas against an interpreter, which is the oracle: the same verdict, and the same mistakes where there are some. */
import { describe, expect, test } from "bun:test";
import { dereference, type OutputUnit, type Schema, validate } from "@cfworker/json-schema";
import fc from "fast-check";
import { type Breach, createChecker, refName, type SchemaNode } from "../../../src/schema/check.ts";
import { createCompiler } from "../../../src/schema/compile.ts";
import { halfOf } from "../../support/share.ts";

const NAMES = ["a", "b", "c", "__proto__", "x-1"];
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false, "", "a", "b", "ab", "2024-01-02", 0, 1, 2, 1.5, 0.3, -1),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 4 }),
  ),
})).value;

const schemas = fc.letrec<{ schema: SchemaNode | boolean }>((tie) => {
  const inner = tie("schema");
  const some = fc.array(inner, { minLength: 1, maxLength: 3 });
  const small = fc.integer({ min: 0, max: 3 });
  const type = fc.constantFrom("string", "number", "integer", "boolean", "null", "array", "object");
  const leaf = fc.oneof(
    fc.record({ type }),
    fc.record({ type: fc.uniqueArray(type, { minLength: 1, maxLength: 3 }) }),
    fc.record({ const: values }),
    fc.record({ enum: fc.array(values, { minLength: 1, maxLength: 3 }) }),
    fc.record({ $ref: fc.constantFrom("#/$defs/Tree", "#/$defs/Text") }),
    fc.record({ minLength: small, maxLength: small }, { requiredKeys: [] }),
    fc.record({ pattern: fc.constantFrom("^a", "b$", "\\d") }),
    fc.record({ format: fc.constantFrom("date", "uri", "nonsense") }),
    fc.record({ minimum: small, exclusiveMaximum: small }, { requiredKeys: [] }),
    fc.record({ multipleOf: fc.constantFrom(0.1, 0.5, 1, 2) }),
  );
  const node = fc.oneof(
    fc.record({ allOf: some }),
    fc.record({ anyOf: some }),
    fc.record({ oneOf: some }),
    fc.record({ not: inner }),
    fc.record({
      items: inner,
      prefixItems: some,
      minItems: small,
      maxItems: small,
      uniqueItems: fc.boolean(),
    }, { requiredKeys: [] }),
    fc.record({
      properties: fc.dictionary(fc.constantFrom("a", "b", "c"), inner, { maxKeys: 3 }),
      required: fc.uniqueArray(fc.constantFrom("a", "b"), { maxLength: 2 }),
      patternProperties: fc.dictionary(fc.constantFrom("^x", "a"), inner, { maxKeys: 1 }),
      additionalProperties: inner,
      propertyNames: fc.constant({ maxLength: 3 }),
      maxProperties: small,
    }, { requiredKeys: [] }),
  );
  return { schema: fc.oneof({ depthSize: "small" }, fc.boolean(), leaf, node) };
}).schema;

const types: Record<string, SchemaNode> = {
  Text: { type: "string" },
  Tree: { type: "object", additionalProperties: { $ref: "#/$defs/Tree" } },
};

function interpreted(schema: unknown, value: unknown) {
  // It writes into schemas.
  const whole = structuredClone({ $defs: types, allOf: [schema] }) as Schema;
  return validate(value, whole, "2020-12", dereference(whole), false);
}

/** Keywords that only say that something inside them is wrong. */
const WRAPPERS =
  /^(?:\$ref|allOf|items|prefixItems|properties|patternProperties|additionalProperties)$/;

/** What is wrong, without the members of alternatives. */
function mistakesOf(errors: readonly OutputUnit[]): string[] {
  const found: string[] = [];
  let within: string | undefined;
  for (const { keyword, keywordLocation, instanceLocation, error } of errors) {
    if (within !== undefined && keywordLocation?.startsWith(within)) continue;
    within = undefined;
    if (WRAPPERS.test(keyword)) continue;
    if (/^(?:anyOf|oneOf|propertyNames)$/.test(keyword)) within = `${keywordLocation}/`;
    const pointer = instanceLocation.slice(1);
    const [, name] = /property (?:name )?"(.*)"/i.exec(error) ?? [];
    const named = keyword === "required" || keyword === "propertyNames";
    found.push(`${pointer}${named ? `/${name}` : ""} ${keyword}`);
  }
  return found.toSorted();
}

const named = (breaches: readonly Breach[]) =>
  breaches.map(({ pointer, keyword }) => `${pointer} ${keyword}`).toSorted();

describe("a compiled schema", () => {
  test("accepts, refuses and finds the same as the interpreter", () => {
    fc.assert(
      fc.property(schemas, values, (schema, value) => {
        const oracle = interpreted(schema, value);
        const found = createChecker(types)("any", schema, value);
        expect(found.length === 0).toBe(oracle.valid);
        const keywords = new Set(oracle.errors.map(({ keyword }) => keyword));
        // It does not say which schema was `false`, so that one within alternatives is not told from one beside them.
        const vague = keywords.has("false") &&
          ["anyOf", "oneOf", "propertyNames"].some((keyword) => keywords.has(keyword));
        if (!vague) expect(named(found)).toEqual(mistakesOf(oracle.errors));
      }),
      halfOf(2000),
    );
  });

  test("with a keyword that would be ignored is an error, itself or what it refers to", () => {
    const unknown = { unevaluatedProperties: false };
    const types: SchemaNode = {
      A: { allOf: [{ $ref: "#/$defs/B" }, unknown] },
      B: { not: { $ref: "#/$defs/A" } },
    };
    const compile = createCompiler((reference) => types[refName(reference)]);
    for (const schema of [unknown, { $ref: "#/$defs/A" }, { $ref: "#/$defs/B" }]) {
      expect(() => compile(schema)).toThrow("unevaluatedProperties");
    }
    expect(() => compile({ $ref: "#/$defs/C" })).toThrow("#/$defs/C");
    expect(() => compile({ pattern: "(" })).toThrow(SyntaxError);
  });
});
