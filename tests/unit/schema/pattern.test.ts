/** Patterns for which `RegExp` tries one way after the other. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createChecker } from "../../../src/schema/check.ts";
import { explain } from "../../../src/schema/explain.ts";
import { matcherOf } from "../../../src/schema/pattern/match.ts";
import { parsePattern } from "../../../src/schema/pattern/parse.ts";
import { isSlow } from "../../../src/schema/pattern/pattern.ts";
import { ownOf } from "../../support/share.ts";

// With `RegExp` each of these would outlast whoever runs the tests.
const SLOW = [
  ["^(a+)+$", "a".repeat(50_000)],
  ["^(a|a)*$", "a".repeat(50_000)],
  ["^(a|aa)+$", "a".repeat(50_000)],
  ["^(?:[a-z]|[0-9a-z])+@$", "a".repeat(50_000)],
  ["^(a?){40}a{40}$", "a".repeat(39)],
  ["^\\w*\\w*\\w*\\w*\\w*$", "w".repeat(50_000)],
  ["^([a-zA-Z0-9_.-])+@(([a-zA-Z0-9-])+.)+([a-zA-Z0-9]{2,4})+$", `a@${"a".repeat(50_000)}`],
  ["x*y", "x".repeat(1_000_000)],
] as const;

describe("a pattern that may be slow", () => {
  for (const [pattern, text] of ownOf(SLOW)) {
    test(`${pattern} is tried in one pass, by each way to the mistakes`, () => {
      const schema = { properties: { a: { type: "string", pattern, format: "uuid" } } };
      const simple = { properties: { a: { type: "string", pattern } } };
      const value = { a: `${text}!` };
      const message = `does not match the pattern ${pattern}`;
      const check = createChecker({});
      expect(explain(check("simple", simple, value), value)).toMatchObject([
        { path: "$.a", message },
      ]);
      const both = explain(check("both", schema, value), value).map((one) => one.message);
      expect(both.toSorted()).toEqual([message, "is not a valid uuid"]);
      // As names, which are shorter than what is refused for its size.
      const named = { patternProperties: { [pattern]: false } };
      expect(check("named", named, { [`${text}!`]: 1 })).toEqual([]);
    });
  }

  test("may fit, and fits as before", () => {
    const check = createChecker({});
    const fits = (pattern: string, text: string) => check(pattern, { pattern }, text).length === 0;
    expect(fits("^(a+)+$", "a".repeat(50_000))).toBe(true);
    expect(fits("(a|aa)+$", "baaa")).toBe(true);
    expect(fits("^(\\p{Lu}+|é)*$", "ÄÖéÜ")).toBe(true);
    expect(fits("^.+.+$", "😀")).toBe(false);
    expect(fits("\\bfoo\\w*\\w*\\b", "a foo!")).toBe(true);
  });

  test("is told from one that cannot be", () => {
    for (
      const fast of ["^[a-z]+$", "^\\d{4}-\\d{2}$", "^(a|b)$", "^(?:[0-9a-f]{4}-)+x$", "^-?\\d+$"]
    ) expect([fast, isSlow(fast)]).toEqual([fast, false]);
    for (const [pattern] of SLOW) expect([pattern, isSlow(pattern)]).toEqual([pattern, true]);
    // They look around or back: nobody matches these in linear time, and `RegExp` does.
    for (const foreign of ["^(?=.*a)(b+)+$", "^(a+)+\\1$", "^(?i:a+)+$", "("]) {
      expect([foreign, isSlow(foreign)]).toEqual([foreign, false]);
    }
  });
});

test("any pattern means what it means to RegExp", () => {
  const one = fc.constantFrom(
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "\\w",
    "\\n",
    "\\u{1F600}",
    "é",
    "\\-",
  );
  const tree = fc.letrec<{ part: string; counted: string; whole: string }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 4 },
      one,
      fc.constantFrom("^", "$", "\\b", "\\B"),
      tie("whole").map((inner) => `(?:${inner})`),
      tie("whole").map((inner) => `(${inner})`),
    ),
    counted: fc.tuple(tie("part"), fc.constantFrom("", "*", "+", "?", "{2}", "{1,3}", "{0,}", "*?"))
      .map(([part, count]) => `${part}${count}`),
    whole: fc.array(fc.array(tie("counted"), { maxLength: 3 }).map((all) => all.join("")), {
      minLength: 1,
      maxLength: 3,
    }).map((ways) => ways.join("|")),
  })).whole;
  const text = fc.array(fc.constantFrom("a", "b", "\n", "😀", "é", "-", "_"), { maxLength: 6 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(tree, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
      let regex: RegExp;
      try {
        regex = new RegExp(source, "u");
      } catch {
        return;
      }
      const pattern = parsePattern(source);
      expect([source, pattern === undefined]).toEqual([source, false]);
      const match = matcherOf(pattern!);
      for (const one of texts) {
        expect([source, one, match?.(one) ?? regex.test(one)]).toEqual([
          source,
          one,
          regex.test(one),
        ]);
      }
    }),
    { numRuns: 500 },
  );
});
