import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { parse, parseDocument, stringify } from "yaml";
import { parsePlainYaml } from "../../../codegen/load/plain_yaml.ts";
import { halfOf } from "../../support/share.ts";

/** As JSON, so that -0 and 0 are one. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;

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

describe("the fast way for large YAML", () => {
  test("gives what the full parser gives, or nothing", () => {
    let fast = 0;
    fc.assert(
      fc.property(fc.dictionary(text, value, { minKeys: 1, maxKeys: 5 }), styles, (data, style) => {
        const yaml = stringify(data, { ...style, aliasDuplicateObjects: false });
        const found = parsePlainYaml(yaml);
        if (found === undefined) return;
        fast++;
        expect(plain(found.value)).toEqual(plain(parse(yaml, { uniqueKeys: false })));
      }),
      halfOf(1000),
    );
    expect(fast).toBeGreaterThan(150);
  });

  test("accepts nothing that the full parser refuses", () => {
    const lines = readFileSync("tests/codegen/import/documents/bookshop.openapi.yaml", "utf8")
      .split("\n");
    const source = stringify(parse(lines.join("\n")), { lineWidth: 60 });
    expect(parsePlainYaml(source)?.value).toEqual(parse(source));
    const bits = fc.constantFrom(
      "\n",
      " ",
      "- ",
      ": ",
      "#",
      "'",
      '"',
      "|",
      "{",
      "]",
      "&a ",
      "*a",
      "\t",
      "?",
      "---\n",
      "",
    );
    fc.assert(
      fc.property(fc.nat(source.length), fc.nat(3), bits, (at, cut, bit) => {
        const broken = source.slice(0, at) + bit + source.slice(at + cut);
        const found = parsePlainYaml(broken);
        if (found === undefined) return;
        const full = parseDocument(broken, { uniqueKeys: false });
        expect(full.errors).toEqual([]);
        expect(found.value).toEqual(full.toJS());
      }),
      halfOf(100),
    );
  });

  test("leaves to the full parser what is not plain", () => {
    const others = [
      "a: &x 1\n",
      "a: *x\n",
      "a: !t 1\n",
      "<<: 1\n",
      "a: [1,\n  2]\n",
      "? a\n: b\n",
      "a: 0x10\n",
      "a: b: c\n",
      "a:\n  - 1\n b: 2\n",
      "a: |+\n  x\n\n",
      "\ta: 1\n",
      "a: 1\n---\nb: 2\n",
      "a: 'x\n",
      "- a\nb: 1\n",
      "__proto__: 1\n",
      "text\n",
      "",
    ];
    for (const yaml of others) expect(parsePlainYaml(yaml)).toBeUndefined();
  });

  test("reads what generators write", () => {
    const yaml = `# comment
---
a: plain text # with a comment
"quoted key": 'it''s'
multi: one two
  three

  four
literal: |
  # no comment
    indented

folded: >-
  one
  two
list:
- a
- - b
  - c
- d: 1
  e: "x\\ty"
below:
  some words
  and more
empty:
200: {}
`;
    expect(parsePlainYaml(yaml)?.value).toEqual(parse(yaml));
  });
});
