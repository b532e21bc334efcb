import { describe, expect, test } from "bun:test";
import type { JsonSchema } from "../../../src/connector/definition/definition.ts";
import { explain } from "../../../src/schema/explain.ts";
import { createChecker } from "../../../src/schema/check.ts";

const types: Record<string, JsonSchema> = {
  Chat: {
    type: "object",
    required: ["model", "messages"],
    properties: {
      model: { type: "string", minLength: 1 },
      messages: { type: "array", minItems: 1, items: { $ref: "#/$defs/Message" } },
      n: { type: "integer", minimum: 1, maximum: 8 },
      effort: { enum: ["low", "high"] },
      user: { type: ["string", "null"], pattern: "^u" },
      "odd key/~": { type: "string", examples: [{ id: "not a schema", $ref: "#/nowhere" }] },
    },
    additionalProperties: false,
    example: { id: "looks like a schema id" },
  },
  Message: { oneOf: [{ $ref: "#/$defs/User" }, { $ref: "#/$defs/Tool" }] },
  User: {
    type: "object",
    required: ["role", "content"],
    properties: {
      role: { const: "user" },
      content: { anyOf: [{ type: "string" }, { type: "array", items: { $ref: "#/$defs/Part" } }] },
    },
  },
  Tool: {
    type: "object",
    required: ["role", "content", "id"],
    properties: { role: { const: "tool" }, content: { type: "string" }, id: { type: "string" } },
  },
  Part: { type: "object", required: ["text"], properties: { text: { type: "string" } } },
  Tree: {
    type: "object",
    properties: { children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
  },
};
Object.freeze(types);
const check = createChecker(types);
const mistakes = (value: unknown, input: JsonSchema = { $ref: "#/$defs/Chat" }, id = "chat") =>
  explain(check(id, input, value), value).map(({ path, message }) => `${path} ${message}`);
const user = { role: "user", content: "x" };

describe("mistakes in an input", () => {
  test("none in a sound one", () => {
    const parts = { role: "user", content: [{ text: "x" }] };
    expect(
      mistakes({
        model: "m",
        messages: [user, parts, { role: "tool", content: "x", id: "1" }],
        user: null,
      }),
    ).toEqual([]);
  });

  const cases: [unknown, string[]][] = [
    [5, ["$ is 5: must be an object"]],
    [{}, ["$.model is missing", "$.messages is missing"]],
    [{ model: 1, messages: [] }, [
      "$.model is 1: must be a string",
      "$.messages has 0 items: must have at least 1",
    ]],
    [{ model: "", messages: [user] }, ["$.model is 0 characters long: must have at least 1"]],
    [{ model: "m", messages: [user], n: 1.5 }, ["$.n is 1.5: must be an integer"]],
    [{ model: "m", messages: [user], n: 9 }, ["$.n is 9: must be at most 8"]],
    [{ model: "m", messages: [user], effort: "mid" }, [
      '$.effort is "mid": must be "low" or "high"',
    ]],
    [{ model: "m", messages: [user], user: 7 }, ["$.user is 7: must be a string or null"]],
    [{ model: "m", messages: [user], user: "x" }, ["$.user does not match the pattern ^u"]],
    [{ model: "m", messages: [user], modle: 1 }, [
      "$.modle is not a known property here: remove it or correct its name",
    ]],
    [{ model: "m", messages: [user], "odd key/~": 3 }, ['$["odd key/~"] is 3: must be a string']],
    [{ model: "m", messages: [{ role: "me", content: "x" }] }, [
      '$.messages[0].role is "me": must be "user" or "tool"',
    ]],
    [{ model: "m", messages: [user, { role: "tool", content: "x" }] }, [
      "$.messages[1].id is missing",
    ]],
    [{ model: "m", messages: ["hi"] }, ['$.messages[0] is "hi": must be an object']],
    [{ model: "m", messages: [{ role: "user", content: 5 }] }, [
      "$.messages[0].content is 5: must be a string or an array",
    ]],
    [{ model: "m", messages: [{ role: "user", content: [{}] }] }, [
      "$.messages[0].content[0].text is missing",
    ]],
    [{ model: "x".repeat(3), messages: "x".repeat(100) }, [
      "$.messages is a string of 100 characters: must be an array",
    ]],
  ];
  for (const [value, expected] of cases) {
    test(JSON.stringify(value).slice(0, 70), () => expect(mistakes(value)).toEqual(expected));
  }

  test("are given as JSON pointers too", () => {
    const value = { model: "m", messages: [user], "odd key/~": 3 };
    expect(explain(check("chat", { $ref: "#/$defs/Chat" }, value), value)[0]?.pointer).toBe(
      "/odd key~1~0",
    );
  });

  test("of a recursive type are found at any depth", () => {
    const value = { children: [{ children: [{ children: 1 }] }] };
    expect(mistakes(value, { $ref: "#/$defs/Tree" }, "tree")).toEqual([
      "$.children[0].children[0].children is 1: must be an array",
    ]);
  });

  test("are bounded in number", () => {
    expect(mistakes({ model: "m", messages: Array.from({ length: 500 }, () => 1) }).length).toBe(
      50,
    );
  });

  test("of inline schemas with combinations", () => {
    const input: JsonSchema = {
      type: "object",
      allOf: [{ required: ["a"] }, {
        properties: { a: { type: "number", exclusiveMinimum: 0, multipleOf: 2 } },
      }],
      not: { required: ["b"] },
    };
    expect(mistakes({}, input, "inline")).toEqual(["$.a is missing"]);
    expect(mistakes({ a: -1 }, input, "inline")).toEqual([
      "$.a is -1: must be greater than 0",
      "$.a is -1: must be a multiple of 2",
    ]);
    expect(mistakes({ a: 2, b: 1 }, input, "inline").length).toBe(1);
    expect(mistakes("x", true, "anything")).toEqual([]);
  });

  test("in alternatives that take no further properties", () => {
    const member = (kind: string): JsonSchema => ({
      type: "object",
      required: ["kind", "n"],
      properties: { kind: { const: kind }, n: { type: "number" } },
      additionalProperties: false,
    });
    const input: JsonSchema = {
      properties: { a: { oneOf: [member("x"), member("y")] }, b: { type: "number" } },
    };
    expect(mistakes({ a: { kind: "y", n: "1", extra: 1 }, b: "2" }, input, "closed")).toEqual([
      '$.a.n is "1": must be a number',
      "$.a.extra is not a known property here: remove it or correct its name",
      '$.b is "2": must be a number',
    ]);
  });

  test("when more than one alternative fits", () => {
    const input: JsonSchema = { oneOf: [{ type: "number" }, { type: "integer" }] };
    expect(mistakes(1, input, "both")).toEqual([
      "$ fits more than one of the alternatives: exactly one must fit",
    ]);
  });
});
