/** docs/cli.md speaks of commands and options that exist, and of all commands. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, vastar } from "../support.ts";

const page = readFileSync(join(ROOT, "docs/cli.md"), "utf8");
/** The commands that a section with several of them is about. */
const BACKGROUND = ["runtime start", "runtime stop", "runtime status", "runtime logs"];

const sections = page.split(/^## /m).slice(1).map((text) => {
  const [title = ""] = text.split("\n");
  const commands = title.startsWith("vastar ") ? [title.slice("vastar ".length)] : BACKGROUND;
  return { title, text, commands };
});

describe("docs/cli.md", () => {
  test("has a row for every command", async () => {
    const { stdout } = await vastar(["--help"]);
    const listed = [...stdout.matchAll(/^ {2}(\S+(?: \S+)?) {2,}/gm)].map(([, name]) => name ?? "");
    expect(listed.length).toBeGreaterThan(10);
    const rows = [...page.matchAll(/^\| `vastar ([^`]+)` /gm)].map(([, name]) => name ?? "");
    expect([...rows].sort()).toEqual([...listed].sort());
  });
  for (const { title, text, commands } of sections) {
    test(`${title}: every option is one of its command`, async () => {
      const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
      await check(
        commands,
        [...prose.matchAll(/`(--?[a-z][^`]*)`/g)].map(([, code]) => code ?? ""),
      );
    });
  }
  test("shows command lines that are accepted", async () => {
    const lines = [...page.replaceAll("\\\n", " ").matchAll(/^\$ vastar (.*)$/gm)];
    expect(lines.length).toBeGreaterThan(8);
    for (const [, line = ""] of lines) {
      const [first = "", second = ""] = line.split(" ");
      const own = line.split(" | ")[0] ?? "";
      const name = ["spec", "import", "runtime"].includes(first) ? `${first} ${second}` : first;
      await check([name], [...own.matchAll(/(?<= )--?[a-z][a-z-]*/g)].map(([option]) => option));
    }
  });
});

/** Every word that looks like an option is one of a command's, as its help shows them. */
async function check(commands: readonly string[], texts: readonly string[]): Promise<void> {
  const help = await Promise.all(commands.map((name) => vastar([...name.split(" "), "--help"])));
  const known = help.flatMap(({ stdout }) =>
    [...stdout.matchAll(/^ {2}(?:(-\w), )?(--[a-z-]+)/gm)].flatMap((
      [, short, long],
    ) => [short, long])
  );
  const options = texts.flatMap((text) =>
    [...text.matchAll(/(?:^|(?<= ))--?[a-z][a-z-]*/g)].map(([option]) => option)
  );
  expect(options.filter((option) => !known.includes(option))).toEqual([]);
}
