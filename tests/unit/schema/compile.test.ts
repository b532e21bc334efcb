/** Compiled schemas against the interpreter, which is the oracle: the same verdict, and the same mistakes where there are some. */
import { describe, expect, test } from "bun:test";
import { dereference, type Schema, validate } from "@cfworker/json-schema";
import fc from "fast-check";
import {
  constraintsOf,
  createChecker,
  refName,
  type SchemaNode,
} from "../../../src/schema/check.ts";
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
const compiler = createCompiler((reference) => types[refName(reference)]);

function interpreted(schema: unknown, value: unknown) {
  const copy = constraintsOf(schema);
  const whole = { $defs: structuredClone(types), ...(copy as Schema) };
  const root = typeof copy === "boolean" ? copy : whole;
  const lookup = dereference(whole);
  return validate(value, root, "2020-12", lookup, false);
}

describe("a compiled schema", () => {
  test("accepts and refuses the same as the interpreter, which reports the mistakes", () => {
    fc.assert(
      fc.property(schemas, values, (schema, value) => {
        const compiled = compiler.compile(constraintsOf(schema));
        const oracle = interpreted(schema, value);
        expect(compiled?.(value)).toBe(oracle.valid);
        const paths = (errors: readonly { instanceLocation: string; keyword: string }[]) =>
          errors.map((error) => [error.instanceLocation, error.keyword]);
        const checked = createChecker(types)("any", schema, value);
        expect(paths(checked.errors)).toEqual(paths(oracle.errors));
      }),
      halfOf(2000),
    );
  });

  test("is left to the interpreter where it has keywords that are not compiled, itself or what it refers to", () => {
    const unknown = { unevaluatedProperties: false };
    const referring = createCompiler((name) =>
      name === "A" ? { allOf: [{ $ref: "B" }, unknown] } : { not: { $ref: "A" } }
    );
    for (const schema of [unknown, { $ref: "A" }, { $ref: "B" }, { pattern: "(" }]) {
      expect(referring.compile(schema)).toBeUndefined();
    }
    expect(createChecker({})("x", unknown, { a: 1 }).errors.length).toBeGreaterThan(0);
  });
});
