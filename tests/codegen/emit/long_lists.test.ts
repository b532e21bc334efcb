/** Thousands of operations in one literal are too complex a type for TypeScript (TS2590), so they are split. */
import { expect, test } from "bun:test";
import { emitConnector } from "../../../codegen/emit/emit_connector.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";

function definitionOf(operations: number): string {
  const lines = Array.from({ length: operations }, (_, at) => `  op${at}: { get: /p${at} }`);
  const text = [
    "connector: 1",
    "id: long",
    "version: 1.0.0",
    "servers: { default: https://long.example.com }",
    "operations:",
    ...lines,
  ].join("\n");
  const { model } = loadConnector({ path: "connector.yaml", text });
  if (model === undefined) throw new Error("The spec is not sound");
  const file = emitConnector(model).find(({ name }) => name === "definition.gen.ts");
  return file?.text ?? "";
}

/** Number of operations per list. */
function lists(text: string): number[] {
  const parts = text.split(/^const operations\d+: readonly DescribedOperation\[\] = /m).slice(1);
  return parts.map((part) =>
    part.slice(0, part.indexOf("\n];")).match(/\[op\d+Data, call, /g)?.length ?? 0
  );
}

test("a definition of many operations has lists of at most 500", () => {
  const text = definitionOf(1001);
  expect(lists(text)).toEqual([500, 500, 1]);
  expect(text.replaceAll(/\s+/g, " ")).toContain("...operations1, ...operations2, ...operations3");
});

test("a definition of few has one, where it is used", () => {
  const text = definitionOf(500);
  expect(lists(text)).toEqual([]);
  expect(text.match(/\[op\d+Data, call, /g)?.length).toBe(500);
});
