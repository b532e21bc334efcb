/** Most YAML is read by the fast parser, with the same results as the full one. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { parseSimpleYaml, SimpleDocument } from "../../../codegen/load/simple.ts";
import { DEFAULT_LIMITS } from "../../../codegen/load/limits.ts";
import { halfOf, ownOf } from "../../support/share.ts";
import type { SourceDocument } from "../../../codegen/load/source.ts";
import { parseYamlDocument } from "../../../codegen/load/yaml.ts";
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
const OPTIONS = { uniqueKeys: true, maxAliasNodes: DEFAULT_LIMITS.maxAliasNodes };
const FILLER = `${"x".repeat(70)}\n`.replace(/^/, "# ").repeat(4000);

describe("simple YAML", () => {
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

  test("has them in files that are too large for the full parser", () => {
    const { diagnostics } = loadConnector(
      { path: "connector.yaml", text: SPEC + FILLER },
      undefined,
      { ...DEFAULT_LIMITS, maxFreeFormLength: 1000 },
    );
    expect(diagnostics.map((one) => one.line)).toEqual([9, 11, 14]);
  });

  test("places everything in an entry at the entry, where a place near it is enough", () => {
    const text =
      `operations:\n  a.get:\n    input: { id: string }\n  b.get: { get: /b }\n${FILLER}`;
    const large = parseSimpleYaml(text, OPTIONS)!;
    const document = new SimpleDocument("a.yaml", text, large);
    const { operations } = large.value as Record<string, Record<string, Record<string, unknown>>>;
    const at = (container: unknown, key: string): string => {
      const { start, end } = document.near(container, key);
      return text.slice(start, end);
    };
    expect(at(large.value, "operations")).toBe("operations");
    expect(at(operations, "b.get")).toBe("b.get");
    expect(at(operations!["b.get"], "get")).toBe("b.get");
    expect(at(operations!["a.get"]!["input"], "id")).toBe("a.get");
  });

  test("leaves to the full parser what costs more than it shows, and what is not valid", () => {
    const others = [
      "a: *x\n",
      "a: &x [*x]\n",
      "a: &x 1\n*x : 2\n",
      "&x a: 1\n",
      "a: &x [1, 2]\nb: [*x, *x, *x]\n",
      "a: 1\n<<: { b: 2 }\n",
      "a: !t 1\n",
      "%YAML 1.1\n---\na: 1\n",
      "a: 1\n---\nb: 2\n",
      "a: 1\na: 2\n",
      "a: b: c\n",
      "a: 'x\n",
      "- a\nb: 1\n",
      `a: ${"[".repeat(1000)}${"]".repeat(1000)}\n`,
      "",
    ];
    for (const yaml of others) {
      expect(parseSimpleYaml(yaml, { ...OPTIONS, maxAliasNodes: 12 })).toBeUndefined();
    }
    expect(parseSimpleYaml("a: 1\na: 2\n", { ...OPTIONS, uniqueKeys: false })?.value).toEqual({
      a: 2,
    });
  });

  test("gives an alias what its anchor stands for, at a place of its own", () => {
    const text = "a: &x { n: 1 }\nb: [*x, *x]\nc: &y 2\nd: *y\n";
    const simple = parseSimpleYaml(text, { ...OPTIONS, maxAliasNodes: 20 })!;
    expect(simple.value).toEqual({ a: { n: 1 }, b: [{ n: 1 }, { n: 1 }], c: 2, d: 2 });
    const document = new SimpleDocument("a.yaml", text, simple);
    const { b } = simple.value as { b: unknown };
    expect(document.span(b, 1, "value").start).toBe(text.lastIndexOf("*x"));
    expect(document.span(simple.value, "d", "value").start).toBe(text.indexOf("*y"));
  });

  test("a key of the name of a prototype is a key like any other", () => {
    const large = parseSimpleYaml("__proto__: { polluted: 1 }\n", OPTIONS);
    expect(Object.keys(large?.value as object)).toEqual(["__proto__"]);
  });
});

/** As JSON, so that -0 and 0 are one. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;

/** Read by the parser for hand-written specs. */
function byFullParser(text: string): { problems: readonly unknown[]; value: unknown } {
  const { document, problems } = parseYamlDocument("a.yaml", text, DEFAULT_LIMITS);
  return { problems, value: plain(document?.value) };
}

const pieces = fc.array(
  fc.constantFrom(
    ...[
      "a",
      "b: ",
      "- ",
      "#",
      " #",
      "\n",
      "\n\n",
      " ",
      "  ",
      "'",
      '"',
      "\\",
      "{",
      "}",
      "[",
      "]",
      "&x",
      "*y",
      "!z",
      "|",
      ">",
    ],
    ...[
      "%",
      "@",
      "~",
      "null",
      "true",
      "1",
      "0x1",
      "1e3",
      "-",
      ":",
      "?",
      ",",
      "é",
      "\t",
      "200",
      "several words",
      "one long line of words",
    ],
  ),
  { maxLength: 9 },
).map((list) => list.join(""));
const text = fc.oneof(fc.string(), pieces);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  ),
}));
const styles = fc.record({
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
  singleQuote: fc.constantFrom(null, true, false),
  blockQuote: fc.constantFrom<boolean | "folded" | "literal">(true, false, "folded", "literal"),
});

describe("both parsers of YAML", () => {
  const corpus = ["connectors", "tests/codegen", "examples"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.ya?ml$/.test(name)).toSorted().map((name) => join(folder, name))
  );

  test("give the same values and places for every file of the tree", () => {
    const own = ownOf(corpus);
    let same = 0;
    for (const file of own) {
      const text = readFileSync(file, "utf8");
      const large = parseSimpleYaml(text, OPTIONS);
      if (large === undefined) continue;
      same++;
      const full = parseYamlDocument(file, text, DEFAULT_LIMITS).document!;
      expect({ file, value: large.value }).toEqual({ file, value: full.value });
      comparePlaces(file, new SimpleDocument(file, text, large), full);
    }
    expect(own.length).toBeGreaterThan(12);
    expect(same).toBeGreaterThan(own.length * 0.8);
  });

  test("give the same values for whatever can be written", () => {
    let read = 0;
    fc.assert(
      fc.property(fc.dictionary(text, value, { minKeys: 1, maxKeys: 5 }), styles, (data, style) => {
        const yaml = stringify(data, { ...style, aliasDuplicateObjects: false });
        const large = parseSimpleYaml(yaml, OPTIONS);
        if (large === undefined) return;
        read++;
        expect(plain(large.value)).toEqual(byFullParser(yaml).value);
      }),
      halfOf(1000),
    );
    expect(read).toBeGreaterThan(450);
  });

  test("agree on what is broken", () => {
    const source = stringify(
      parse(readFileSync("tests/codegen/import/documents/bookshop.openapi.yaml", "utf8")),
      { lineWidth: 60 },
    ).split("\n").slice(0, 80).join("\n");
    const bits = fc.constantFrom(..."\n, ,- ,: ,#,',\",|,{,],&a ,*a,?,x".split(","), ",");
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(source.length), fc.nat(3), bits, (at, cut, bit) => {
        const broken = source.slice(0, at) + bit + source.slice(at + cut);
        const large = parseSimpleYaml(broken, OPTIONS);
        const full = byFullParser(broken);
        if (large === undefined) {
          refused++;
          return;
        }
        accepted++;
        expect(full).toEqual({ problems: [], value: plain(large.value) });
      }),
      halfOf(300),
    );
    expect(accepted).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(15);
  });
});

/** Positions of every key and scalar; only the full parser knows where lists and mappings end. */
function comparePlaces(file: string, ours: SourceDocument, full: SourceDocument): void {
  const pairs: [unknown, unknown][] = [[ours.value, full.value]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [mine, theirs] = pair as [Record<string, unknown>, Record<string, unknown>];
    for (const name of Object.keys(mine)) {
      const key = Array.isArray(mine) ? Number(name) : name;
      const value = mine[name];
      if (!Array.isArray(mine)) {
        expect([file, name, ours.span(mine, key, "key")]).toEqual([
          file,
          name,
          full.span(theirs, key, "key"),
        ]);
      }
      expect([file, name, ours.span(mine, key, "value").start]).toEqual([
        file,
        name,
        full.span(theirs, key, "value").start,
      ]);
      if (typeof value === "object" && value !== null) pairs.push([value, theirs[name]]);
    }
  }
}
