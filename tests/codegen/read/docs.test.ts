/** The examples in docs/connector-spec.md are specs, so they must be valid. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { compose } from "../../../tools/diagnostic_cases.ts";

const blocks = [
  ...readFileSync("docs/connector-spec.md", "utf8").matchAll(/^```yaml\n([\s\S]*?)^```$/gm),
];

describe("docs/connector-spec.md", () => {
  test("has examples", () => {
    expect(blocks.length).toBeGreaterThan(12);
  });

  for (const [index, block] of blocks.entries()) {
    test(`example ${index + 1} is sound`, () => {
      const { diagnostics } = loadConnector({
        path: "example.yaml",
        text: compose(block[1] ?? ""),
      });
      expect(formatDiagnostics(diagnostics)).toBe("");
    });
  }
});
