/** What the runtime makes of a statement for MySQL before it is sent: the same as the reader of specs. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readStatement } from "../../../../codegen/read/database/sql.ts";
import { STATES } from "../../../../src/platform/shared/database/mysql/errors.ts";
import { checkOwnStatement } from "../../../../src/platform/shared/database/mysql/own_statement.ts";

const refused = (text: string, readOnly = false): string => {
  try {
    checkOwnStatement(text, readOnly);
    return "";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("a statement of MySQL", () => {
  test("may have anything in quotes, names and comments", () => {
    for (
      const text of [
        'select \'@ /*! into outfile\', "@x \\" @", `@``outfile` from t',
        "select 'it''s @', 'a\\'@', '\\\\' -- @ outfile\n, 1 # @\n",
        "/* @ */ select/**/1 --\n",
        "(select 1) union (select 2)",
        "select 5--3",
        "SELECT 1",
      ]
    ) expect([text, refused(text, true)]).toEqual([text, ""]);
  });

  test("has no variables, no executed comments, writes no files, and begins with a known word", () => {
    for (
      const text of [
        "select @x",
        "select @@version",
        "select '\\\\' @x",
        "select 5--@x",
        "select 1 /*! , 2 */",
        "select /*M!100000 1 */",
        "select 1 into outfile 'x'",
        "select 1 INTO DumpFile 'x'",
        "-- x\nset autocommit = 0",
        "/* x */ commit",
        "--x\nselect 1",
        "lbl: begin end",
        "",
        ";",
      ]
    ) expect([text, refused(text)]).toEqual([text, "database.request"]);
  });

  test("reads by its first word, if it is to", () => {
    expect(refused("insert into t values (1)")).toBe("");
    expect(refused("insert into t values (1)", true)).toBe("database.read_only");
    expect(refused("/* select */ delete from t", true)).toBe("database.read_only");
  });

  test("leaves its session as it is, or says that it does not", () => {
    const lasts = (text: string) => checkOwnStatement(text, false).lasts;
    expect(lasts("select get_lock('a', 0)")).toBe(true);
    expect(lasts("select `Get_Lock`('a', 0)")).toBe(true);
    expect(lasts("create temporary table t (n int)")).toBe(true);
    expect(lasts("select 'get_lock', `temporary` from t")).toBe(false);
  });

  test("has its values in places, each as often as it is used", () => {
    const { text, names, bound, mistakes } = readStatement(
      "select $a, '$b', \"$c\", `$d`, $a -- $e\n, $f # $g\n",
      "mysql",
    );
    expect(text).toBe("select ?, '$b', \"$c\", `$d`, ? -- $e\n, ? # $g");
    expect([names, bound, mistakes]).toEqual([["a", "f"], ["a", "a", "f"], []]);
  });

  test("mistakes are found where it is written", () => {
    const kinds = (sql: string) => readStatement(sql, "mysql").mistakes.map(({ kind }) => kind);
    expect(kinds("select @x")).toEqual(["foreign"]);
    expect(kinds("select ?")).toEqual(["foreign"]);
    expect(kinds("select :x")).toEqual(["foreign"]);
    expect(kinds("select /*! 1 */")).toEqual(["executed"]);
    expect(kinds("select 'a\\'")).toEqual(["open"]);
    expect(kinds("select 1; select 2")).toEqual(["several"]);
    expect(kinds("select 'a\\\\', 5--3")).toEqual([]);
  });
});

test("the table of MySQL's errors in the document is the one in force", () => {
  const text = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| ([\d, ]+?) +\| (\w{5}) +\|$/gm)];
  const shown = rows.flatMap(([, numbers = "", state]) =>
    numbers.split(", ").map((number) => [Number(number), state])
  );
  expect(shown).toEqual([...STATES]);
});
