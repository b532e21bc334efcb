/** The examples in docs/connector-spec.md and docs/databases.md are specs, so they must be valid. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { compose } from "../../../tools/diagnostic_cases.ts";

function blocksOf(path: string): string[] {
  const blocks = readFileSync(path, "utf8").matchAll(/^```yaml\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, text = ""]) => text);
}

function mistakes(text: string): string {
  const { diagnostics } = loadConnector({ path: "example.yaml", text: compose(text) });
  return formatDiagnostics(diagnostics);
}

describe("docs/connector-spec.md", () => {
  const blocks = blocksOf("docs/connector-spec.md");

  test("has examples", () => {
    expect(blocks.length).toBeGreaterThan(12);
  });

  for (const [index, block] of blocks.entries()) {
    test(`example ${index + 1} is sound`, () => {
      expect(mistakes(block)).toBe("");
    });
  }
});

describe("docs/databases.md", () => {
  const blocks = blocksOf("docs/databases.md");

  test("has examples", () => {
    expect(blocks.length).toBeGreaterThan(4);
  });

  for (const [index, block] of blocks.entries()) {
    test(`example ${index + 1} is sound, but for what a server has to say`, () => {
      const text = /^protocol:/m.test(block) ? block : `protocol: postgres\n${block}`;
      const told = mistakes(text).match(/VC\d{4}/g) ?? [];
      // Without a lock file neither columns nor undeclared inputs have a type.
      expect(told.filter((code) => code !== "VC2608" && code !== "VC2604")).toEqual([]);
    });
  }
});
