/** The programs in pages print what the page says, on every runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../tools/lib/run.ts";
import { OWN_RUNTIME, type Program, startProgram } from "../../support/process.ts";
import { runtime } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { writeTree } from "../../support/tree.ts";
import { packageFolder } from "../support/package_folder.ts";

const repository = join(import.meta.dirname, "../../..");
const ADDRESS = "127.0.0.1:4545";

/** By page: packages to install besides ours. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  "agents": ["@modelcontextprotocol/client"],
  "api-client": ["openai"],
  "batches": [],
  "concurrency": [],
  "configuration": [],
  "retries": [],
  "streaming": [],
  "telemetry": ["@opentelemetry/sdk-node"],
  "raw-client": ["openai"],
  "moving-from-pynector": [],
  "moving-from-vastar": [],
};

interface Page {
  /** By file name: the program, and what the page says that it prints. */
  readonly programs: ReadonlyMap<string, { readonly code: string; readonly prints: string }>;
  readonly commands: readonly string[];
  /** Other files that the programs read. */
  readonly files: Readonly<Record<string, string>>;
}

/** Throws for code without a file name, and for a program or an output without the other. */
async function readPage(name: string): Promise<Page> {
  const text = await readFile(join(repository, `docs/${name}.md`), "utf8");
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .map(([, language = "", content = ""]) => ({ language, content }));
  const programs = new Map<string, { code: string; prints: string }>();
  const commands: string[] = [];
  const files: Record<string, string> = {};
  let open: { file: string; code: string } | undefined;
  for (const { language, content } of blocks) {
    // What a page moves from runs elsewhere, and JSON shows what is sent or answered.
    if (language === "python" || language === "json") continue;
    if (language === "sh") commands.push(...content.trim().split("\n"));
    else if (language === "yaml" && open === undefined) {
      const file = /^# (\S+)\n/.exec(content)?.[1];
      if (file === undefined) {
        throw new Error(`${name}.md has YAML without a file name: ${content}`);
      }
      files[file] = content;
    } else if (language === "ts" && open === undefined) {
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
  return { programs, commands, files };
}

/** Imports one program after the other, so that a page costs one process; a line of its own begins the output of each. */
function runner(files: Iterable<string>): string {
  const programs = [...files].map((file) =>
    `console.log("${MARK}${file}");\nawait import("./${file}");`
  );
  return programs.join("\n");
}

const MARK = "=== ";

/** By file name: what it printed. */
function outputs(all: string): Record<string, string> {
  const parts = all.split(new RegExp(`^${MARK}`, "m")).slice(1);
  return Object.fromEntries(parts.map((part) => {
    const end = part.indexOf("\n");
    return [part.slice(0, end), part.slice(end + 1).trim()];
  }));
}

describe("pages of programs", () => {
  let folder: string;
  let simulator: Program;
  let target: string;
  const pages = new Map<string, Page>();

  beforeAll(async () => {
    folder = await packageFolder("pages");
    simulator = startProgram(OWN_RUNTIME, "cli/main.ts", ["simulator", "--port", "0"]);
    const [, port = ""] = await simulator.waitFor(/ready on http:\/\/127\.0\.0\.1:(\d+)/);
    target = `127.0.0.1:${port}`;
    for (const name of Object.keys(PAGES)) {
      const page = await readPage(name);
      pages.set(name, page);
      const files = [...page.programs].map((
        [file, { code }],
      ): [string, string] => [`${name}/${file}`, code.replaceAll(ADDRESS, target)]);
      for (const [file, text] of Object.entries(page.files)) files.push([`${name}/${file}`, text]);
      const all: [string, string] = [`${name}/all.ts`, runner(page.programs.keys())];
      await writeTree(folder, Object.fromEntries([...files, all]));
    }
  }, 60_000);

  afterAll(async () => {
    await simulator?.stop();
    await rm(folder, { recursive: true });
  });

  test("name commands that are tried here", () => {
    for (const [name, { programs, commands }] of pages) {
      const known = [
        "npx vastar simulator --port 4545",
        ...(PAGES[name] ?? []).map((dependency) => `npm install ${dependency}`),
        ...[...programs.keys()].map((file) => `VASTAR_ALLOW=${ADDRESS} bun ${file}`),
      ];
      expect([name, commands.filter((command) => !known.includes(command))]).toEqual([name, []]);
    }
  });

  test("say what else to install", async () => {
    for (const [name, { programs }] of pages) {
      const text = await readFile(join(repository, `docs/${name}.md`), "utf8");
      const installed = ["@vastar/connector", ...PAGES[name] ?? []];
      const imported = [...programs.values()].flatMap(({ code }) =>
        [...code.matchAll(/from "((?:@[^/"]+\/)?[^/".:#]+)/g)].map(([, from = ""]) => from)
      );
      expect([name, imported.filter((from) => !installed.includes(from))]).toEqual([name, []]);
      const told = (PAGES[name] ?? []).filter((one) => !text.includes(`npm install ${one}`));
      expect([name, told]).toEqual([name, []]);
    }
  });

  for (const name of Object.keys(PAGES)) {
    for (const on of OWN_SHARE) {
      const { missing, path, script } = runtime(on);
      const where = missing === undefined ? on : `${on}: ${missing}`;
      test.skipIf(missing !== undefined)(`${name}.md prints what it says on ${where}`, async () => {
        const programs = pages.get(name)?.programs ?? new Map<string, never>();
        const env = { VASTAR_ALLOW: target, API_KEY: "sk-test", VASTAR_PROFILE: "" };
        const cwd = join(folder, name);
        const { ok, output } = await run(path, script("all.ts"), { cwd, env });
        const said = Object.fromEntries([...programs].map(([file, { prints }]) => [file, prints]));
        expect({ ok, ...outputs(output) }).toEqual({ ok: true, ...said });
        expect(programs.size).toBeGreaterThan(0);
      }, 120_000);
    }
  }
});
