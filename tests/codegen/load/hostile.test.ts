/** Malicious files: each ends in a clear error. If one took hours instead, the run would be killed and name it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConnector } from "../../../codegen/load_connector.ts";

function codes(source: string | { path: string; text: string }): string[] {
  const { diagnostics, model } = loadConnector(source);
  expect(model).toBeUndefined();
  return [...new Set(diagnostics.map((one) => one.code))];
}

const text = (body: string): string[] => codes({ path: "connector.yaml", text: body });
/** Deep enough to overflow any stack. */
const DEEP = 20_000;

describe("hostile specs", () => {
  test("lists, mappings and blocks without end", () => {
    expect(text("x-a: " + "[".repeat(DEEP) + "]".repeat(DEEP))).toEqual(["VC1006"]);
    expect(text("x-a: " + "[".repeat(DEEP))).toEqual(["VC1006"]);
    expect(text("x-a: " + "{a: ".repeat(DEEP) + "1" + "}".repeat(DEEP))).toEqual(["VC1006"]);
    expect(text(Array.from({ length: 1500 }, (_, n) => `${" ".repeat(n)}a:`).join("\n"))).toEqual([
      "VC1006",
    ]);
    expect(codes({ path: "connector.json", text: "[".repeat(5000) + "]".repeat(5000) })).toEqual([
      "VC1006",
    ]);
  });

  test("megabytes that only the slow parser could read", () => {
    const lines = Array.from({ length: 60_000 }, (_, n) => `x-${n}: ${"a".repeat(80)}`).join("\n");
    expect(text(`${lines}\nx: &a b\n`)).toEqual(["VC1002"]);
    expect(text(`${lines}\nx-1: b\n`)).toEqual(["VC1002"]);
    expect(text(`${lines}\n`)).toEqual(["VC1103"]);
  });

  test("aliases that double again and again", () => {
    const lines = Array.from({ length: 30 }, (_, n) => `x-${n + 1}: &a${n + 1} [*a${n}, *a${n}]`);
    expect(text(`x-0: &a0 [x, x]\n${lines.join("\n")}\n`)).toEqual(["VC1007"]);
  });

  test("types in circles", () => {
    const head = "connector: 1\nid: a\nversion: 1.0.0\nservers: { default: https://a.example }\n";
    const operations = "operations: { get: { get: /a, result: A } }\n";
    expect(
      text(`${head}${operations}types: { A: B, B: { allOf: [C, A] }, C: { oneOf: [A, B] } }\n`),
    ).toEqual(["VC1210"]);
    const chain = Array.from(
      { length: 3000 },
      (_, n) => `  T${n}: { type: object, required: [x], properties: { x: T${(n + 1) % 3000} } }`,
    );
    expect(
      text(`${head}operations: { get: { get: /a, result: T0 } }\ntypes:\n${chain.join("\n")}\n`),
    ).toEqual(["VC1210"]);
  });

  test("keys that objects have by nature", () => {
    expect(text("__proto__: { a: 1 }\nconstructor: 1\ntoString: 2\n")).toContain("VC1102");
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  });

  test("nothing, a single word, a wrong root", () => {
    for (const body of ["", "\n", "word", "- 1\n", "null", "---\n..."]) {
      expect(text(body)).toEqual(["VC1104"]);
    }
  });

  test("thousands of mistakes are cut off", () => {
    const lines = Array.from({ length: 5000 }, (_, n) => `  k${n}: { gett: /x }`);
    const { diagnostics } = loadConnector({
      path: "connector.yaml",
      text: `operations:\n${lines.join("\n")}\n`,
    });
    expect(diagnostics.length).toBe(1000);
  });
});

describe("hostile files", () => {
  let folder = "";
  const at = (name: string): string => join(folder, "spec", name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vastar-spec-"));
    mkdirSync(join(folder, "spec"));
    writeFileSync(join(folder, "secret.yaml"), "Secret: { type: string }\n");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("100 MB are refused without being read", () => {
    writeFileSync(at("huge.yaml"), "");
    truncateSync(at("huge.yaml"), 100 * 1024 * 1024);
    expect(codes(at("huge.yaml"))).toEqual(["VC1002"]);
  });

  test("NUL, invalid UTF-8, a folder, nothing at all", () => {
    writeFileSync(at("nul.yaml"), "title: a\0b\n");
    writeFileSync(at("latin.yaml"), new Uint8Array([0x74, 0x3a, 0x20, 0xe9, 0x0a]));
    mkdirSync(at("folder.yaml"));
    expect(codes(at("nul.yaml"))).toEqual(["VC1003"]);
    expect(codes(at("latin.yaml"))).toEqual(["VC1003"]);
    expect(codes(at("folder.yaml"))).toEqual(["VC1001"]);
    expect(codes(at("missing.yaml"))).toEqual(["VC1001"]);
    expect(codes("/dev/null")).toEqual(["VC1001"]);
  });

  test("a symbolic link out of the folder, as import and as the spec itself", () => {
    symlinkSync(join(folder, "secret.yaml"), at("link.yaml"));
    writeFileSync(at("connector.yaml"), "types: { $import: ./link.yaml }\n");
    expect(codes(at("connector.yaml"))).toContain("VC1010");
    expect(codes(at("link.yaml"))).toEqual(["VC1010"]);
    writeFileSync(at("up.yaml"), "types: { $import: ../secret.yaml }\n");
    expect(codes(at("up.yaml"))).toContain("VC1010");
  });
});
