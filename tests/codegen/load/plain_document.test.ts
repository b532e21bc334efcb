/** Large YAML is read the fast way; what is said about it must be what the full parser would have said. */
import { describe, expect, test } from "bun:test";
import { DEFAULT_LIMITS } from "../../../codegen/load/limits.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";

const SPEC = `connector: 1
id: big
version: 1.0.0
servers:
  default: https://api.example.com
operations:
  things.get:
    get: /things
    reslut: Thing
    input:
      - wrong
types:
  Thing:
    type: objekt
`;
const FILLER = `${"x".repeat(70)}\n`.replace(/^/, "# ").repeat(4000);

describe("large block YAML", () => {
  test("has the places of its mistakes", () => {
    const places = (text: string): unknown[] =>
      loadConnector({ path: "connector.yaml", text }).diagnostics.map((one) => [
        one.code,
        one.line,
        one.column,
        one.length,
        one.excerpt,
      ]);
    expect(places(SPEC).length).toBe(3);
    expect(places(SPEC + FILLER)).toEqual(places(SPEC));
  });

  test("tells duplicate keys", () => {
    const { diagnostics } = loadConnector({
      path: "connector.yaml",
      text: `${SPEC}  Thing: string\n${FILLER}`,
    });
    expect(diagnostics.map((one) => `${one.code} ${one.line}`)).toContain("VC1101 15");
  });

  test("without places where finding them would take too long", () => {
    const { diagnostics } = loadConnector(
      { path: "connector.yaml", text: SPEC + FILLER },
      undefined,
      { ...DEFAULT_LIMITS, maxFreeFormLength: 1000 },
    );
    expect(diagnostics.map((one) => one.line)).toEqual([1, 1, 1]);
  });
});
