/** The reader of specs as the importer writes them gives what the parser of YAML gives, or leaves the text to it. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseDocument } from "yaml";
import { writeSpec } from "../../../codegen/import/openapi/write.ts";
import { parseLines } from "../../../codegen/load/lines.ts";
import { parseSimpleYaml, SimpleDocument } from "../../../codegen/load/simple.ts";

const OPTIONS = { uniqueKeys: true, maxAliasNodes: 1000 };
const SPEC = {
  connector: 1,
  id: "a",
  errors: { message: "$.m", rules: [{ status: 404 }] },
  servers: { default: "https://a.example", "no": { url: "é – \u{1F600}" } },
  operations: { "a.b": { get: "/a", input: { "x: y": ["#", "- a", null, 1e21, -0.5] } } },
  types: { A: { type: "object", properties: { "2": {}, "true": {} } } },
};

test("gives the value that YAML says, and the lines of its entries", () => {
  const text = writeSpec(SPEC, ["made by an import"]);
  const read = parseLines(text);
  expect(read?.value).toEqual(SPEC);
  expect(parseDocument(text).toJS()).toEqual(SPEC);
  const document = new SimpleDocument("a.yaml", text, {
    value: read?.value,
    parts: { entries: read?.entries ?? new Map() },
  });
  const value = read?.value as typeof SPEC;
  const shown = (container: unknown, key?: string): string => {
    const { start } = document.near(container, key);
    return text.slice(start, text.indexOf(":", start));
  };
  expect(shown(value, "errors")).toBe("errors");
  expect(shown(value.errors.rules[0], "status")).toBe("errors");
  expect(shown(value.operations, "a.b")).toBe("a.b");
  expect(shown(value.operations["a.b"].input)).toBe("a.b");
  expect(shown(value.types.A.properties)).toBe("A");
  expect(shown(value.servers, "no")).toBe('"no"');
  // What a message points at is found exactly, by the parser of YAML.
  const exact = document.span(value.operations["a.b"], "get", "value");
  expect(text.slice(exact.start, exact.end)).toBe('"/a"');
});

describe("leaves to the parser of YAML", () => {
  const texts: Readonly<Record<string, string>> = {
    "a key given twice": "a: 1\na: 2\n",
    "an entry given twice": "a:\n  b: 1\n  b: 2\n",
    "a key given twice within JSON": 'a: {"b":1,"b":2}\n',
    "text without quotes": "a: b\n",
    "a comment behind a value": "a: 1 # one\n",
    "a comment of its own that is indented": "a:\n  b: 1\n  # two\n",
    "spaces within JSON": 'a: { "b": 1 }\n',
    "a number written otherwise": "a: 1.0\n",
    "deeper indentation": "a:\n  b:\n    c: 1\n",
    "an entry of no section": "a: 1\n  b: 2\n",
    "a section without entries": "a:\nb: 1\n",
    "a key that is not text": "true: 1\n",
    "a key that sets a prototype": '"__proto__": 1\n',
    "lines that end as on Windows": "a: 1\r\nb: 2\r\n",
    "a tab": "a:\t1\n",
    "a character that ends lines": 'a: "\u2028"\n',
    "a comment that YAML refuses": "# \u0000\na: 1\n",
    "several documents": "a: 1\n---\nb: 2\n",
    "an anchor": "a: &x 1\n",
    "nothing": "# nothing\n",
  };
  for (const [name, text] of Object.entries(texts)) {
    test(name, () => expect(parseLines(text)).toBeUndefined());
  }
});

test("never reads anything otherwise than YAML", () => {
  let read = 0;
  const key = fc.oneof(fc.constantFrom("a", "b.c", "yes", "1", "null", "é", "x y"), fc.string());
  const entries = fc.dictionary(key, fc.jsonValue(), { maxKeys: 4 });
  const spec = fc.record({
    id: fc.jsonValue(),
    operations: entries,
    types: entries,
    errors: fc.jsonValue(),
  });
  fc.assert(
    fc.property(spec, fc.constantFrom("", "\n", "# a\n"), (one, before) => {
      const text = before + writeSpec(one, []);
      const lines = parseLines(text);
      if (lines === undefined) return;
      read++;
      expect(lines.value).toEqual(parseSimpleYaml(text, OPTIONS)?.value);
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(100);
});
