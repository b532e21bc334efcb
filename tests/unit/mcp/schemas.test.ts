import { expect, test } from "bun:test";
import fc from "fast-check";
import { definition as anthropic } from "../../../connectors/anthropic/definition.gen.ts";
import { definition as gemini } from "../../../connectors/gemini/definition.gen.ts";
import { definition as github } from "../../../connectors/github/definition.gen.ts";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { definition as slack } from "../../../connectors/slack/definition.gen.ts";
import { definition as stripe } from "../../../connectors/stripe/definition.gen.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { createCatalog } from "../../../src/mcp/catalog/catalog.ts";
import { createSession } from "../../../src/mcp/call/session.ts";
import { bundle, standAlone } from "../../../src/mcp/schema/bundle.ts";
import { outputSchema } from "../../../src/mcp/schema/output.ts";
import { searchDefinitions } from "../../../src/mcp/tools/definitions.ts";
import { directTools } from "../../../src/mcp/tools/direct.ts";
import { createChecker, type SchemaNode } from "../../../src/schema/check.ts";
import { halfOf } from "../../support/share.ts";

const ALL = [anthropic, gemini, github, openai, slack, stripe];

function references(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === "$ref" ? [String(value)] : references(value)
  );
}

/** References that lead nowhere in the schema itself. */
function dangling(schema: SchemaNode): string[] {
  const defs = schema["$defs"] as SchemaNode | undefined ?? {};
  return references(schema).filter((one) => !Object.hasOwn(defs, one.replace("#/$defs/", "")));
}

test("every tool of every connector has schemas that stand alone, and one for its result", () => {
  const catalog = createCatalog(ALL);
  const session = createSession({
    mode: "direct",
    maxAnswerChars: 1_000,
    keepMs: 1,
    clock: systemClock,
  });
  const tools = directTools(catalog, session).list({ caller: {} });
  expect(tools.length).toBe(ALL.reduce((sum, { operations }) => sum + operations.length, 0) + 1);
  expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
  for (const { name, inputSchema, outputSchema: output = {} } of tools) {
    expect({ name, dangling: dangling(inputSchema) }).toEqual({ name, dangling: [] });
    expect({ name, dangling: dangling(output) }).toEqual({ name, dangling: [] });
    expect(inputSchema["type"]).toBe("object");
    expect(JSON.stringify(inputSchema).length).toBeLessThan(70_000);
    expect(JSON.stringify(output).length).toBeLessThan(40_000);
  }
  for (const { operation } of catalog.entries) {
    if (operation.result.kind !== "none") expect(outputSchema(operation)).toBeDefined();
  }
});

test("what search mode costs does not depend on what is served", () => {
  const one = JSON.stringify(searchDefinitions(["openai"]));
  const many = JSON.stringify(
    searchDefinitions(Array.from({ length: 500 }, (_, at) => `api${at}`)),
  );
  expect(one.length).toBeLessThan(3_900);
  expect(many.length - one.length).toBeLessThan(200);
});

test("types are shown once, the nearest first, and one that is left out is named", () => {
  const types: SchemaNode = {
    Tree: {
      type: "object",
      properties: { left: { $ref: "#/$defs/Tree" }, "a/b": { $ref: "#/$defs/a~1b" } },
    },
    "a/b": { type: "string", description: "x".repeat(200), discriminator: {}, pattern: "[" },
  };
  const whole = standAlone({ $ref: "#/$defs/Tree" }, types, { maxChars: 10_000 });
  expect(dangling(whole)).toEqual([]);
  expect(Object.keys(whole["$defs"] as SchemaNode)).toEqual(["Tree", "a_b"]);
  // Neither a keyword of OpenAPI nor a pattern that is none.
  expect((whole["$defs"] as SchemaNode)["a_b"]).toEqual({
    type: "string",
    description: "x".repeat(200),
  });
  const cut = standAlone({ $ref: "#/$defs/Tree" }, types, { maxChars: 200 });
  expect(dangling(cut)).toEqual([]);
  expect(Object.keys(cut["$defs"] as SchemaNode)).toEqual(["Tree"]);
  expect(JSON.stringify(cut)).toContain("a/b: left out here for its size.");
});

test("whatever types refer to one another, no reference dangles and what fits the type fits its bundle", () => {
  const name = fc.constantFrom("A", "B/C", "D E", "missing");
  const ref = name.map((one) => ({
    $ref: `#/$defs/${encodeURIComponent(one.replaceAll("/", "~1"))}`,
  }));
  const node = fc.letrec<{ node: SchemaNode }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      ref,
      fc.constant({ type: "string" }),
      fc.record({ type: fc.constant("array"), items: tie("node") }),
      fc.record({ type: fc.constant("object"), properties: fc.dictionary(name, tie("node")) }),
      fc.record({ anyOf: fc.array(tie("node"), { minLength: 1, maxLength: 2 }) }),
    ),
  })).node;
  const objects = fc.record({ type: fc.constant("object"), properties: fc.dictionary(name, node) });
  const types = fc.record({ A: objects, "B/C": objects, "D E": objects });
  fc.assert(
    fc.property(types, fc.nat(400), (known, maxChars) => {
      const { schemas: [root], defs } = bundle([known.A], known, { maxChars });
      expect(dangling({ root, $defs: defs })).toEqual([]);
      const check = createChecker(defs as SchemaNode);
      expect(check("root", root, {})).toEqual([]);
    }),
    halfOf(100),
  );
});
