/** What of a statement is a value, and what is text. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type Dialect, readStatement } from "../../../codegen/read/database/sql.ts";

const read = (sql: string, dialect: Dialect = "postgres") => readStatement(sql, dialect);

describe("values of a statement", () => {
  const same:
    readonly (readonly [what: string, sql: string, text: string, names: readonly string[]])[] = [
      ["in the order of their first use", "select $b, $a, $b", "select $1, $2, $1", ["b", "a"]],
      ["with a cast", "select $n::int, '1'::int", "select $1::int, '1'::int", ["n"]],
      ["at the end, without the semicolon", "select $n ; ", "select $1", ["n"]],
      ["next to brackets and commas", "f($a,$b)[$c]", "f($1,$2)[$3]", ["a", "b", "c"]],
      ["not in a string", "select '$a', 'it''s $a', $b", "select '$a', 'it''s $a', $1", ["b"]],
      [
        "not in a string with escapes",
        "select e'\\'$a', E'\\\\', $b",
        "select e'\\'$a', E'\\\\', $1",
        ["b"],
      ],
      ["a backslash ends nothing in others", "select '\\', $b", "select '\\', $1", ["b"]],
      ["not in a quoted name", 'select "$a" from "x""$a"', 'select "$a" from "x""$a"', []],
      ["not in a comment", "select 1 -- $a\n, $b", "select 1 -- $a\n, $1", ["b"]],
      [
        "not in a nested comment",
        "/* $a /* $b */ $c */ select $d",
        "/* $a /* $b */ $c */ select $1",
        ["d"],
      ],
      ["not in dollar quotes", "do $$ begin $a; end $$", "do $$ begin $a; end $$", []],
      ["not in tagged dollar quotes", "do $x$ $a $$ $x$", "do $x$ $a $$ $x$", []],
      ["not within a name", "select a$b from t", "select a$b from t", []],
      [
        "operators stay",
        "select a ? 'b', a @> $c, x::text[]",
        "select a ? 'b', a @> $1, x::text[]",
        ["c"],
      ],
      ["slices are no values of another kind", "select a[1:n]", "select a[1:n]", []],
    ];
  for (const [what, sql, text, names] of same) {
    test(what, () => {
      expect(read(sql)).toMatchObject({ text, names, mistakes: [] });
    });
  }

  test("SQLite marks places with a question mark, and has brackets and backticks for names", () => {
    const sql = "select [$a], `$b`, '$c', $d, $e, $d /* /* $f */";
    expect(read(sql, "sqlite")).toMatchObject({
      text: "select [$a], `$b`, '$c', ?1, ?2, ?1 /* /* $f */",
      names: ["d", "e"],
      mistakes: [],
    });
  });

  const wrong: readonly (readonly [sql: string, kind: string, text: string, dialect?: Dialect])[] =
    [
      ["select 'a", "open", "'"],
      ['select "a', "open", '"'],
      ["select /* a /* b */", "open", "/*"],
      ["select $x$ a", "open", "$x$"],
      ["select 1; select 2", "several", ";"],
      ["select $1", "number", "$1"],
      ["select ${a}", "paste", "${a}"],
      ["select $größe", "dollar", "$größe"],
      ["select :a", "foreign", ":a"],
      ["select @a", "foreign", "@a", "sqlite"],
      ["select ?1", "foreign", "?1", "sqlite"],
    ];
  for (const [sql, kind, text, dialect] of wrong) {
    test(`${sql} is reported at its place`, () => {
      const { mistakes } = read(sql, dialect);
      expect(mistakes).toMatchObject([{ kind, text }]);
      expect(sql.slice(mistakes[0]?.at).startsWith(text)).toBe(true);
    });
  }

  test("of any text, what is left are its own characters, and values stand where they stood", () => {
    const piece = fc.constantFrom(
      "$a",
      "$b",
      "'",
      '"',
      "--",
      "\n",
      "/*",
      "*/",
      "$$",
      "$t$",
      ";",
      ":x",
      "e'",
      "\\",
      " x ",
      "[",
      "]",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.constantFrom<Dialect>("postgres", "sqlite"),
        (pieces, dialect) => {
          const sql = pieces.join("");
          const { text, names, mistakes } = read(sql, dialect);
          if (mistakes.length > 0) return;
          let at = 0;
          const back = text.replace(
            dialect === "postgres" ? /\$(\d+)/g : /\?(\d+)/g,
            (_, place) => {
              at++;
              return `$${names[Number(place) - 1]}`;
            },
          );
          expect(at).toBeGreaterThanOrEqual(names.length);
          // A semicolon at the end, and the space there, are left out.
          const solid = (part: string): string => part.replace(/[;\s]/g, "");
          expect(solid(back)).toBe(solid(sql));
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });
});
