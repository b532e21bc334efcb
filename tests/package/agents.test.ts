/** What agents start, as the page about them says: the packed package by the name that it has. */
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { OWN_RUNTIME } from "../support/process.ts";
import { runtime, titled } from "../support/runtimes.ts";
import { packedInto } from "./packed.ts";

interface Starter {
  /** What it is on this machine; `bunx` is a link to Bun. */
  readonly command: string;
  readonly first: readonly string[];
  readonly missing: string | undefined;
}

const hasNpx = spawnSync("npx", ["--version"]).status === 0;
const STARTERS: Readonly<Record<string, Starter>> = {
  npx: { command: "npx", first: [], missing: hasNpx ? undefined : "no npx here" },
  bunx: { command: runtime("bun").path, first: ["x"], missing: runtime("bun").missing },
  deno: { command: runtime("deno").path, first: [], missing: runtime("deno").missing },
};

const elsewhere = OWN_RUNTIME === "deno" ? "the run on Bun tries it with every starter" : undefined;
describe.skipIf(elsewhere !== undefined)(titled("an agent starts the tools", elsewhere), () => {
  let folder: string;
  let project: string;
  let page: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-agents-"));
    ({ project } = await packedInto(folder, [], { check: false }));
    page = await readFile(join(import.meta.dirname, "../../docs/agents.md"), "utf8");
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  for (const [name, { command, first, missing }] of Object.entries(STARTERS)) {
    test.skipIf(missing !== undefined)(titled(`with ${name}`, missing), async () => {
      const row = new RegExp(`^\\|[^|]+\\| \`${name}\` *\\| \`([^\`]+)\``, "m").exec(page);
      const [, args = ""] = row ?? [];
      expect(args).toContain("@vastar/connector");
      const agent = new Client({ name: "agent", version: "1.0.0" });
      await agent.connect(
        new StdioClientTransport({
          command,
          args: [...first, ...args.split(" "), "mcp", "--connector", "github", "--read-only"],
          cwd: project,
          env: { ...process.env as Record<string, string>, GITHUB_TOKEN: "ghp_test" },
        }),
      );
      const { tools } = await agent.listTools();
      expect(tools.map((tool) => tool.name)).toContain("search");
      await agent.close();
    }, 60_000);
  }
});
