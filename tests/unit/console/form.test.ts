/** From a schema to fields, from fields to the input, and from text to the input and back. */
import { describe, expect, test } from "bun:test";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { definition as github } from "../../../connectors/github/definition.gen.ts";
import { definition as slack } from "../../../connectors/slack/definition.gen.ts";
import { definition as stripe } from "../../../connectors/stripe/definition.gen.ts";
import { createChecker } from "../../../src/schema/check.ts";
import { explain } from "../../../src/schema/explain.ts";
import { type Field, fieldOf } from "../../../src/console/form/field.ts";
import { filesIn, formFields, fromText, toText } from "../../../src/console/form/text.ts";
import { emptyOf, valueAt, variantOf, withValue } from "../../../src/console/form/value.ts";
import type { Types } from "../../../src/console/form/schema.ts";

const field = (schema: unknown, types: Types = {}) => fieldOf(schema, types);

describe("a field", () => {
  test("is made of a type, an enumeration, a constant or bytes, and null does not count", () => {
    const kinds: [unknown, Field["kind"]][] = [
      [{ type: "string" }, "text"],
      [{ type: ["integer", "null"] }, "number"],
      [{ type: "boolean" }, "boolean"],
      [{ enum: ["a", "b", null] }, "choice"],
      [{ const: "x" }, "constant"],
      [{ type: "string", contentMediaType: "image/png" }, "file"],
      [{ type: "array", items: { type: "string" } }, "list"],
      [{ type: "object", properties: { a: {} } }, "object"],
      [{ type: "object", additionalProperties: { type: "number" } }, "object"],
      [{ type: "object" }, "json"],
      [{ anyOf: [{ type: "null" }, { type: "boolean" }] }, "boolean"],
      [{ type: ["string", "number"] }, "variant"],
      [true, "json"],
    ];
    expect(kinds.map(([schema]) => field(schema).kind)).toEqual(kinds.map(([, kind]) => kind));
    expect(field({ enum: ["a", null] })).toMatchObject({ values: ["a"] });
  });

  test("offers known values beside any text, and known values alone as a choice", () => {
    expect(field({ anyOf: [{ type: "string" }, { enum: ["gpt-4o"] }, { const: "o1" }] }))
      .toMatchObject({ kind: "text", suggestions: ["gpt-4o", "o1"] });
    expect(field({ oneOf: [{ const: "a" }, { enum: ["b", "c"] }] }))
      .toMatchObject({ kind: "choice", values: ["a", "b", "c"] });
  });

  test("follows references, puts parts together and shows what is required first", () => {
    const types: Types = {
      Base: { type: "object", required: ["id"], properties: { tag: {}, id: { type: "string" } } },
      Loop: { $ref: "#/$defs/Loop" },
    };
    const made = field({ allOf: [{ $ref: "#/$defs/Base" }], description: "A thing" }, types);
    expect(made).toMatchObject({
      kind: "object",
      doc: "A thing",
      properties: [{ name: "id", required: true }, { name: "tag", required: false }],
    });
    expect(field({ $ref: "#/$defs/Loop" }, types).kind).toBe("json");
    expect(field({ $ref: "#/$defs/Missing" }, types).kind).toBe("json");
  });

  test("with variants names each by what tells it apart, and knows which a value is of", () => {
    const types: Types = {
      User: { type: "object", properties: { role: { const: "user" }, content: {} } },
      Tool: { type: "object", properties: { role: { const: "tool" }, id: {} } },
    };
    const made = field({
      oneOf: [{ $ref: "#/$defs/User" }, { $ref: "#/$defs/Tool" }, { type: "string" }, {
        type: "array",
        items: {},
      }],
    }, types);
    if (made.kind !== "variant") throw new Error(made.kind);
    expect(made.variants.map(({ label }) => label)).toEqual(["user", "tool", "string", "list"]);
    const of = (value: unknown) => variantOf(made, value, types);
    expect([of({ role: "tool" }), of("x"), of([]), of({ role: "user" }), of(7)])
      .toEqual([1, 2, 3, 0, 0]);
  });
});

describe("a value", () => {
  test("is changed on a copy, made on the way, and taken out by undefined", () => {
    const before = { a: [{ b: 1 }, 2] };
    expect(withValue(before, ["a", 0, "b"], 3)).toEqual({ a: [{ b: 3 }, 2] });
    expect(withValue(before, ["a", 0], undefined)).toEqual({ a: [2] });
    expect(withValue({}, ["x", "y"], true)).toEqual({ x: { y: true } });
    expect(withValue({ x: 1, y: 2 }, ["x"], undefined)).toEqual({ y: 2 });
    expect(before).toEqual({ a: [{ b: 1 }, 2] });
    expect(valueAt(before, ["a", 0, "b"])).toBe(1);
    expect(valueAt(before, ["toString"])).toBe(undefined);
  });

  test("named like the prototype is only a value", () => {
    const made = withValue({}, ["__proto__", "polluted"], 1);
    expect(Object.hasOwn(made as object, "__proto__")).toBe(true);
    expect(({} as Record<string, unknown>)["polluted"]).toBe(undefined);
  });

  test("begins with all that is required, also of a type that holds itself", () => {
    const types: Types = {
      Node: {
        type: "object",
        required: ["name", "next"],
        properties: { name: { type: "string" }, next: { $ref: "#/$defs/Node" }, more: {} },
      },
    };
    const made = emptyOf(field({ $ref: "#/$defs/Node" }, types), types);
    expect(made).toMatchObject({ name: "", next: { name: "", next: { name: "" } } });
    expect(made).not.toHaveProperty("more");
  });
});

describe("the text of the input", () => {
  test("comes back as it was, files by their names", () => {
    const file = new File(["x"], "a.txt");
    const value = { purpose: "@home", files: [file], n: null };
    expect(toText(value)).toContain('"@a.txt"');
    expect(fromText(toText(value), filesIn(value))).toEqual({ value });
    expect(fromText(" ", new Map())).toEqual({ value: {} });
    expect(fromText("{", new Map())).toHaveProperty("mistake");
  });

  test("as a form has a field for each property and each item of a list", () => {
    const file = new File(["x"], "a.txt");
    expect(formFields({ file, list: [1, "b"], deep: { a: true }, text: "t" })).toEqual([
      ["file", file],
      ["list[]", "1"],
      ["list[]", "b"],
      ["deep", '{"a":true}'],
      ["text", "t"],
    ]);
  });
});

/** Goes through a value along its fields, choosing variants as the form does, and writes each leaf again. */
function rewrite(schema: unknown, value: unknown, types: Types): unknown {
  const made = fieldOf(schema, types);
  if (made.kind === "variant") {
    return rewrite(made.variants[variantOf(made, value, types)]?.schema, value, types);
  }
  if (made.kind === "list" && Array.isArray(value)) {
    return value.map((item) => rewrite(made.item, item, types));
  }
  if (made.kind !== "object" || typeof value !== "object" || value === null) return value;
  let written: unknown = {};
  for (const [name, inner] of Object.entries(value)) {
    const known = made.properties.find((one) => one.name === name)?.schema ?? made.extra;
    written = withValue(written, [name], rewrite(known, inner, types));
  }
  return written;
}

test("the form takes every example of the connectors, and what it begins with is of the right shape", () => {
  let examples = 0;
  for (const { operations, types } of [openai, github, slack, stripe]) {
    const check = createChecker(types);
    for (const { id, input, examples: given } of operations) {
      for (const { input: value } of given) {
        examples++;
        expect(rewrite(input, value, types)).toEqual(value);
      }
      const empty = emptyOf(fieldOf(input, types), types);
      // What only the user knows is missing or empty; nothing is of a wrong type.
      const left =
        /^is missing$|^(?:is|has) 0 \w+.*: must have at least 1$|^does not match the pattern/;
      const mistakes = explain(check(id, input, empty), empty);
      expect(mistakes.filter(({ message }) => !left.test(message))).toEqual([]);
    }
  }
  expect(examples).toBeGreaterThan(40);
});
