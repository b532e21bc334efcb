import { describe, expect, test } from "bun:test";
import { parseCompact } from "../../../codegen/load/compact.ts";
import { DEFAULT_LIMITS } from "../../../codegen/load/limits.ts";
import { parseYamlDocument } from "../../../codegen/load/yaml.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";

const SPEC = `# A comment
connector: 1
id: "demo"
version: "1.0.0"
title: Plain words
servers:
  default: "https://api.example.com"

operations:
  items.get: {"get":"/items/{id}","input":{"id":{"in":"path","type":"string"}},"result":"Item"}
  "a b": {"get":"/x"}
types:
  Item: {"type":"object","properties":{"name":"string","price":{"type":"number","minimun":0}}}
`;

describe("the fast way for generated specs", () => {
  test("gives the values of the full parser", () => {
    const full = parseYamlDocument("a.yaml", SPEC, DEFAULT_LIMITS);
    expect(full.problems).toEqual([]);
    expect(parseCompact("a.yaml", SPEC)?.value).toEqual(full.document?.value);
  });

  test("gives the places of the full parser", () => {
    const full = parseYamlDocument("a.yaml", SPEC, DEFAULT_LIMITS).document;
    const fast = parseCompact("a.yaml", SPEC);
    type Tree = { [key: string]: Tree };
    const price = (value: unknown): Tree =>
      (value as Tree)["types"]?.["Item"]?.["properties"]?.["price"] ?? {};
    for (const part of ["key", "value"] as const) {
      const at = full?.span(price(full.value), "minimun", part);
      expect(SPEC.slice(at?.start, at?.end)).toBe(part === "key" ? '"minimun"' : "0");
      expect(fast?.span(price(fast.value), "minimun", part)).toEqual(at);
    }
    expect(fast?.span(fast.value, "title", "value")).toEqual(
      full?.span(full.value, "title", "value"),
    );
  });

  test("leaves everything else to the full parser", () => {
    const others = [
      "a: &anchor 1\n",
      "a: yes\n",
      "a:\n  b:\n    c: 1\n",
      "a: {b: 1}\n",
      "a: 1\na: 2\n",
      "a:\n  b: 1\n  b: 2\n",
      "- a\n",
      "a: |\n  text\n",
      "  b: 1\n",
      'a: "x" # comment\n',
    ];
    for (const text of others) expect(parseCompact("a.yaml", text)).toBeUndefined();
  });

  test("a mistake deep in a large spec is told at its column", () => {
    const filler = Array.from(
      { length: 4000 },
      (_, n) => `  k${n}.get: {"get":"/${n}","result":"Item"}\n`,
    );
    const text = SPEC.replace('  "a b": {"get":"/x"}\n', filler.join(""));
    expect(text.length).toBeGreaterThan(150_000);
    const padded = text + "# " + "x".repeat(100_000) + "\n";
    const { diagnostics } = loadConnector({ path: "a.yaml", text: padded });
    expect(diagnostics.map((one) => `${one.line}:${one.column} ${one.code}`)).toEqual([
      "4012:81 VC1102",
    ]);
    const line = padded.split("\n")[4011] ?? "";
    expect(line.slice(80, 89)).toBe('"minimun"');
  });
});
