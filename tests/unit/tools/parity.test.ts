/** docs/parity.md has no empty cell, and everything that it names exists. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../cli/commands.ts";

const root = join(import.meta.dirname, "../../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The declarations of each entry point, by its name: that the page is true, another test shows. */
const entries = new Map(
  read("docs/api.md").split(/^## /m).slice(1).map((section) => {
    const [, name = ""] = /^`@vastar\/connector\/?(.*)`/.exec(section) ?? [];
    return [name, section.split(/\n\n+/)];
  }),
);

/** Undefined if there is such an export, else what is missing. */
function missing(text: string): string | undefined {
  if (text.startsWith("examples/")) return existsSync(join(root, text)) ? undefined : text;
  if (text.startsWith("vastar ")) return text.slice(7) in COMMANDS ? undefined : text;
  const [, entry = "", name = "", member] = /^(?:([\w/]+): )?(\w+)(?:\.(\w+))?$/.exec(text) ?? [];
  const declared = new RegExp(
    `^(?:export )?(?:abstract )?(?:class|interface|type|function|const) ${name}\\b`,
    "m",
  );
  const found = entries.get(entry)?.find((declaration) => declared.test(declaration));
  if (found === undefined) return text;
  return member === undefined || new RegExp(`\\b${member}\\b`).test(found) ? undefined : text;
}

const rows = [...read("docs/parity.md").matchAll(/^\| (.+) \|$/gm)]
  .map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()))
  .filter(([first = ""]) => first !== "what" && !/^-+$/.test(first));

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);

describe("the table of parity", () => {
  test("has an export, a page and a test in every row", () => {
    expect(rows.length).toBeGreaterThan(70);
    for (const row of rows) {
      const [what = "", exports = "", page = "", tests = ""] = row;
      expect([what, row.length, quoted(exports).length > 0]).toEqual([what, 4, true]);
      // Where it leads, the check of links looks at.
      expect([what, page]).toEqual([
        what,
        expect.stringMatching(/^\[[\w-]+\]\([\w-]+\.md[^)]*\)$/),
      ]);
      expect([what, quoted(tests).length > 0]).toEqual([what, true]);
    }
  });

  test("names exports, commands and examples that exist", () => {
    const named = rows.flatMap(([, exports = ""]) => quoted(exports));
    expect(named.map(missing).filter((one) => one !== undefined)).toEqual([]);
    expect(["nothing: Lock", "NoSuchThing", "ApiClient.nothing", "vastar nothing"].map(missing))
      .toEqual(["nothing: Lock", "NoSuchThing", "ApiClient.nothing", "vastar nothing"]);
  });

  test("names tests that exist", () => {
    const named = rows.flatMap(([, , , tests = ""]) => quoted(tests));
    expect(named.filter((file) => !file.endsWith(".test.ts") || !existsSync(join(root, file))))
      .toEqual([]);
  });
});
