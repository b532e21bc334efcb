/** The programs of pages that hold nothing else print what the page says, on every runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../tools/lib/run.ts";
import { OWN_RUNTIME, type Program, startProgram } from "../support/process.ts";
import { runtime } from "../support/runtimes.ts";
import { OWN_SHARE } from "../support/share.ts";
import { writeTree } from "../support/tree.ts";
import { packageFolder } from "./support/package_folder.ts";

const repository = join(import.meta.dirname, "../..");
const ADDRESS = "127.0.0.1:4545";

const PAGES: Readonly<Record<string, readonly string[]>> = {
  "raw-client": [
    "ask.ts",
    "stream.ts",
    "fetch.ts",
    "refused.ts",
    "retry.ts",
    "backoff.ts",
    "cancel.ts",
  ],
  "moving-from-vastar": ["before.ts", "after.ts"],
};

interface Page {
  /** By file name: the program, and what the page says that it prints. */
  readonly programs: ReadonlyMap<string, { readonly code: string; readonly prints: string }>;
  readonly commands: readonly string[];
}

/** Throws for code without a file name, and for a program or an output without the other. */
async function readPage(name: string): Promise<Page> {
  const text = await readFile(join(repository, `docs/${name}.md`), "utf8");
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .map(([, language = "", content = ""]) => ({ language, content }));
  const programs = new Map<string, { code: string; prints: string }>();
  const commands: string[] = [];
  let open: { file: string; code: string } | undefined;
  for (const { language, content } of blocks) {
    if (language === "sh") commands.push(...content.trim().split("\n"));
    else if (language === "ts" && open === undefined) {
      const file = /^\/\/ (\S+)\n/.exec(content)?.[1];
      if (file === undefined) {
        throw new Error(`${name}.md has code without a file name: ${content}`);
      }
      open = { file, code: content };
    } else if (language === "text" && open !== undefined) {
      programs.set(open.file, { code: open.code, prints: content.trim() });
      open = undefined;
    } else throw new Error(`${name}.md has a block that nothing tries: ${content}`);
  }
  if (open !== undefined) throw new Error(`${name}.md does not say what ${open.file} prints.`);
  return { programs, commands };
}

for (const [name, files] of Object.entries(PAGES)) {
  describe(`docs/${name}.md`, () => {
    let page: Page;
    let folder: string;
    let simulator: Program;
    let target: string;

    beforeAll(async () => {
      page = await readPage(name);
      folder = await packageFolder("page");
      simulator = startProgram(OWN_RUNTIME, "cli/main.ts", ["simulator", "--port", "0"]);
      const [, port = ""] = await simulator.waitFor(/ready on http:\/\/127\.0\.0\.1:(\d+)/);
      target = `127.0.0.1:${port}`;
      for (const [file, { code }] of page.programs) {
        await writeTree(folder, { [file]: code.replaceAll(ADDRESS, target) });
      }
    }, 60_000);

    afterAll(async () => {
      await simulator?.stop();
      await rm(folder, { recursive: true });
    });

    test("has the programs and commands that are tried here", () => {
      expect([...page.programs.keys()]).toEqual([...files]);
      const known = [
        "npx vastar simulator --port 4545",
        ...files.map((file) => `VASTAR_ALLOW=${ADDRESS} bun ${file}`),
      ];
      expect(page.commands.filter((command) => !known.includes(command))).toEqual([]);
    });

    for (const name of OWN_SHARE) {
      const { missing, path, script } = runtime(name);
      const where = missing === undefined ? name : `${name}: ${missing}`;
      test.skipIf(missing !== undefined)(`prints what it says on ${where}`, async () => {
        const env = { VASTAR_ALLOW: target };
        for (const [file, { prints }] of page.programs) {
          const { ok, output } = await run(path, script(file), { cwd: folder, env });
          expect({ file, ok, output: output.trim() }).toEqual({ file, ok: true, output: prints });
        }
      }, 120_000);
    }
  });
}
