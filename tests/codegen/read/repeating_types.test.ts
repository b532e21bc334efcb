/** Types that name the one before them twice, forty deep: whoever looks at each of what they stand for never ends. */
import { expect, test } from "bun:test";
import { loadConnector } from "../../../codegen/load_connector.ts";

const DEPTH = 40;

function diagnostics(
  type: (before: string, at: number) => object,
  operation: object = {},
): string[] {
  const types: Record<string, unknown> = {
    T0: { type: "object", properties: { x: "string", n: "string" } },
  };
  for (let at = 1; at <= DEPTH; at++) types[`T${at}`] = type(`T${at - 1}`, at);
  const name = `T${DEPTH}`;
  const text = JSON.stringify({
    ...{ connector: 1, id: "deep", title: "Deep", version: "1.0.0" },
    servers: { default: "https://api.example.com" },
    operations: { get: { post: "/x", body: { json: name }, result: name, ...operation } },
    types,
  });
  const { diagnostics } = loadConnector({ path: "connector.json", text });
  return diagnostics.map(({ code, message }) => `${code} ${message}`);
}

const object = (properties: object): object => ({ type: "object", properties });
const result = (select: string): object => ({ result: { json: `T${DEPTH}`, select } });

test("alternatives of alternatives are selected from", () => {
  const either = (before: string): object => ({
    anyOf: [object({ n: before }), object({ n: before, m: "string" })],
  });
  expect(diagnostics(either, result("$" + ".n".repeat(DEPTH)))).toEqual([]);
  expect(diagnostics(either, result("$.o"))).toEqual([
    "VC1402 `$.o` finds nothing: `$` has no property `o`.",
  ]);
});

test("alternatives that are all the same type, and parts that are", () => {
  const both = (before: string, at: number): object => ({
    allOf: [
      { anyOf: [before, object({ [`c${at}`]: "string" })] },
      { anyOf: [before, object({ [`d${at}`]: "string" })] },
    ],
  });
  expect(diagnostics(both, result("$.x"))).toEqual([]);
  expect(diagnostics((before) => ({ allOf: [before, before] }), result("$.x"))).toEqual([]);
  const closed = (before: string, at: number): object => ({
    allOf: [before, before, { ...object({ [`p${at}`]: "string" }), open: false }],
  });
  expect(diagnostics(closed, result("$.x"))).toEqual([]);
});

test("examples are held against alternatives of alternatives", () => {
  const either = (before: string): object => ({
    anyOf: [object({ n: before }), object({ n: before, m: "string" })],
  });
  const nested = (leaf: unknown): unknown =>
    Array.from({ length: DEPTH }).reduce((inner) => ({ n: inner }), leaf);
  const example = (leaf: unknown): object => ({
    examples: [{ name: "one", input: nested(leaf), output: nested({ x: "text" }) }],
  });
  expect(diagnostics(either, example({ x: "text" }))).toEqual([]);
  const [wrong, ...others] = diagnostics(either, example({ x: 1 }));
  expect(wrong).toContain("Text belongs here, but `1` was found.");
  expect(others).toEqual([]);
});
