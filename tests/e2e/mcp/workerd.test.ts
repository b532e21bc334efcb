/** The tools of a worker on workerd, where there is no `eval` and no file. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Miniflare } from "miniflare";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../tools/lib/run.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_CHORES } from "../../support/share.ts";

const root = join(import.meta.dirname, "../../..");
const PROGRAM = `import { RuntimeClient } from "@vastar/connector";
import { definition as openai } from "@vastar/connector/connectors/openai";
import { mcp } from "@vastar/connector/mcp";
import { createWorker } from "@vastar/connector/worker";
export default createWorker({
  connectors: [openai],
  runtime: new RuntimeClient({ engine: { egress: { allow: ["api.test.example"] } } }),
  config: { openai: { apiKey: "sk-none", baseURL: "http://127.0.0.1:1" } },
  parts: [mcp({ mode: "search" })],
});
`;

const bun = runtime("bun");
const reason = OWN_CHORES ? bun.missing : "workerd is the same there, the run on Bun starts it";
describe.skipIf(reason !== undefined)(titled("tools on workerd", reason), () => {
  let folder: string;
  let workerd: Miniflare;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-mcp-"));
    await mkdir(join(folder, "node_modules/@vastar"), { recursive: true });
    await symlink(root, join(folder, "node_modules/@vastar/connector"));
    await writeFile(join(folder, "main.ts"), PROGRAM);
    const out = join(folder, "worker.js");
    const flags = ["--target=browser", "--conditions=workerd", `--outfile=${out}`];
    const built = await run(bun.path, ["build", join(folder, "main.ts"), ...flags], {
      cwd: folder,
    });
    expect({ ok: built.ok, output: built.ok ? "" : built.output }).toEqual({
      ok: true,
      output: "",
    });
    workerd = new Miniflare({
      modules: true,
      script: await readFile(out, "utf8"),
      compatibilityDate: "2026-01-01",
      cf: false,
    });
    await workerd.ready;
  });
  afterAll(async () => {
    await workerd?.dispose();
    await rm(folder, { recursive: true });
  });

  test("are listed, found, described and called in either era", async () => {
    const fetch = async (
      url: string | URL,
      { method = "GET", headers, body }: RequestInit = {},
    ) => {
      const sent = { method, headers: Object.fromEntries(new Headers(headers)) };
      const answer = await workerd.dispatchFetch(
        String(url),
        typeof body === "string" ? { ...sent, body } : sent,
      );
      return new Response(await answer.text(), {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
      });
    };
    for (const mode of ["legacy", { pin: "2026-07-28" }] as const) {
      const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
      const url = new URL("http://localhost/mcp");
      await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["search", "describe", "call", "read"]);
      const ask = async (name: string, given: Record<string, unknown>) =>
        (await client.callTool({ name, arguments: given })).structuredContent;
      expect(await ask("search", { query: "list the models", limit: 1 })).toMatchObject({
        operations: [{ operation: "openai.models.list" }],
      });
      expect(await ask("describe", { operation: "openai.models.list" })).toMatchObject({
        output: { $ref: "#/$defs/ModelList" },
      });
      expect(await ask("call", { operation: "openai.models.list" })).toMatchObject({
        error: { code: "egress.denied", sent: "no" },
      });
      await client.close();
    }
  }, 60_000);
});
