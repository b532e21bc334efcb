/** Documents that were written for the YAML of older tools. */
import { describe, expect, test } from "bun:test";
import { parseDocumentText } from "../../../../codegen/import/openapi/mod.ts";
import { indented } from "../../../../codegen/import/openapi/document/indent.ts";

describe("lines that stand too far to the left", () => {
  test("in braces, lists and quoted texts are read as they are meant", () => {
    const text = `
openapi: 3.0.0
info:
  title: "A title
of two lines"
  description: 'It''s
also two'
  x-example: {
  "a": [
1, "}",
'it''s'
],
"b": "{"
}
  x-list:
    - [
    1,
  2
]
    - plain { text
paths: {}
`;
    expect(parseDocumentText(text)).toEqual({
      openapi: "3.0.0",
      info: {
        title: "A title of two lines",
        description: "It's also two",
        "x-example": { a: [1, "}", "it's"], b: "{" },
        "x-list": [[1, 2], "plain { text"],
      },
      paths: {},
    });
  });

  test("nothing else is moved", () => {
    const text = `
a: |
  "not {
 open
b: it's "fine
  c: [1,
     2]
d: >-
   {
e: 'closed' # "
"f": {g: 1}
- "h": [
    1]
`;
    expect(indented(text)).toBe(text);
  });

  test("what is wrong anyway is said of the text as it is", () => {
    expect(() => parseDocumentText('a: {\n"b": [1\n}\nc: 1\n')).toThrow("at line ");
  });
});

test("numbers and switches of YAML 1.1 are not needed to be read", () => {
  const text = "%YAML 1.1\n---\nopenapi: 3.0.0\nx: &x { a: 1 }\ny: { <<: *x, b: yes }\n";
  expect(parseDocumentText(text)).toEqual({ openapi: "3.0.0", x: { a: 1 }, y: { a: 1, b: true } });
});

describe("a long document with anchors", () => {
  const long = (rest: string): string => `${rest}\nx-text: ${"a ".repeat(2_200_000)}\n`;

  test("is read, and what is too much is refused", () => {
    expect(parseDocumentText(long("x: &x { a: 1 }\ny: { <<: *x, b: 2 }"))).toMatchObject({
      y: { a: 1, b: 2 },
    });
    const levels = Array.from(
      { length: 9 },
      (_, n) =>
        `l${n}: &l${n} [${
          Array.from({ length: 10 }, () => n === 0 ? "1" : `*l${n - 1}`).join(", ")
        }]`,
    );
    expect(() => parseDocumentText(long(levels.join("\n")))).toThrow(
      "Its aliases stand for more than",
    );
    expect(() => parseDocumentText(long("a: [&a 1, *b]"))).toThrow("Not valid YAML: ");
    const merged = Array.from({ length: 11_000 }, (_, n) => `k${n}: { <<: *x }`).join("\n");
    expect(parseDocumentText(long(`x: &x { a: [\n1\n]}\n${merged}`))).toMatchObject({
      k10999: { a: [1] },
    });
  });
});
