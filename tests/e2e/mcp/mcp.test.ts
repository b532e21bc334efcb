/** Tools as others use them: the official conformance tests, the inspector, and a client that starts `vastar mcp`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { join } from "node:path";
import { loadFromSpec } from "../../../cli/call/spec.ts";
import { RuntimeClient } from "../../../src/client/mod.ts";
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { mcp } from "../../../src/mcp/mod.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createWorker } from "../../../src/worker/mod.ts";
import { run } from "../../../tools/lib/run.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_CHORES } from "../../support/share.ts";

const root = join(import.meta.dirname, "../../..");
const bun = runtime("bun");
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]);
const WAV = new TextEncoder().encode("RIFF\0\0\0\0WAVEfmt ");

/** The API behind the tools that the conformance tests call. */
function api(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/text") return new Response("This is a simple text response for testing.");
  if (pathname === "/image") return new Response(PNG, { headers: { "content-type": "image/png" } });
  if (pathname === "/audio") return new Response(WAV, { headers: { "content-type": "audio/wav" } });
  if (pathname !== "/progress") return Response.json({ message: "on purpose" }, { status: 400 });
  let sent = 0;
  const items = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent === 20) return controller.close();
      // Each by itself, so that each can be reported by itself.
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.enqueue(new TextEncoder().encode(`{"n":${++sent}}\n`));
    },
  });
  return new Response(items, { headers: { "content-type": "application/x-ndjson" } });
}

const reason = OWN_CHORES ? bun.missing : "the same programs run there, the run on Bun tries them";
describe.skipIf(reason !== undefined)(titled("programs of others", reason), () => {
  let upstream: HttpServer;
  let server: HttpServer;
  let url: string;
  const here = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

  beforeAll(async () => {
    upstream = await serveHttp({ address: here, fetch: api });
    const definition = await loadFromSpec(join(import.meta.dirname, "connector.yaml"));
    if (definition === undefined) throw new Error("The spec has hooks.");
    const allow = [new URL(upstream.url).host];
    const worker = createWorker({
      connectors: [definition],
      runtime: new RuntimeClient({ address: "embedded:", engine: { egress: { allow } } }),
      config: { test: { baseURL: upstream.url } },
      allowedHosts: [],
      parts: [mcp({ mode: "direct" })],
    });
    server = await serveHttp({ address: here, fetch: (request) => worker.fetch(request) });
    url = `${server.url}/mcp`;
  });
  afterAll(async () => {
    await server.stop(0);
    await upstream.stop(0);
  });

  test("the conformance tests pass, but for those that are excluded with a reason", async () => {
    const excluded = join(import.meta.dirname, "excluded.yaml");
    const { ok, output } = await run(bun.path, [
      join(root, "node_modules/@modelcontextprotocol/conformance/dist/index.js"),
      "server",
      ...["--url", url, "--expected-failures", excluded],
    ], { cwd: import.meta.dirname });
    const summary = output.slice(output.indexOf("=== SUMMARY"));
    expect({ ok, summary: ok ? "" : summary }).toEqual({ ok: true, summary: "" });
    for (
      const scenario of [
        "server-initialize",
        "ping",
        "tools-list",
        "tools-call-simple-text",
        "tools-call-image",
        "tools-call-audio",
        "tools-call-error",
        "tools-call-with-progress",
        "dns-rebinding-protection",
      ]
    ) expect(summary).toMatch(new RegExp(`✓ ${scenario}: [1-9]\\d* passed, 0 failed`));
  }, 60_000);

  test("the inspector lists the tools and calls one", async () => {
    const inspect = (...args: string[]) =>
      // It looks for its own name in the folder above the one it is started in.
      run(bun.path, [
        join(root, "node_modules/@modelcontextprotocol/inspector-cli/build/index.js"),
        ...[url, "--transport", "http", "--method", ...args],
      ], { cwd: join(root, "tests") });
    const { ok, output } = await inspect("tools/call", "--tool-name", "test_simple_text");
    expect({ ok, output: ok ? "" : output }).toEqual({ ok: true, output: "" });
    expect(output).toContain("This is a simple text response for testing.");
  }, 60_000);
});

test(
  "the official client starts `vastar mcp`, finds an operation and may not call it",
  async () => {
    const { path, args } = OWN_RUNTIME === "bun" ? { path: bun.path, args: [] } : {
      path: runtime(OWN_RUNTIME).path,
      args: OWN_RUNTIME === "deno" ? ["run", "-A", "--no-check"] : [],
    };
    const client = new Client({ name: "test", version: "1" }, {
      versionNegotiation: { mode: { pin: "2026-07-28" } },
    });
    await client.connect(
      new StdioClientTransport({
        command: path,
        args: [
          ...args,
          "cli/main.ts",
          "mcp",
          "--read-only",
          "--connector",
          "github",
          "--connector",
          "openai",
        ],
        cwd: root,
        env: { OPENAI_API_KEY: "sk-none", GITHUB_TOKEN: "none" },
      }),
    );
    try {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["search", "describe", "call", "read"]);
      expect(tools[0]?.description).toContain("github, openai");
      const search = async (query: string) => {
        const { structuredContent } = await client.callTool({
          name: "search",
          arguments: { query },
        });
        return (structuredContent as { operations: { operation: string }[] }).operations
          .map(({ operation }) => operation);
      };
      expect(await search("get one issue")).toContain("github.issues.get");
      // What may not be called is not shown; that it is refused as well is the engine's part.
      expect(await search("create an issue")).not.toContain("github.issues.create");
      const hidden = await client.callTool({
        name: "call",
        arguments: { operation: "github.issues.create", input: {} },
      });
      expect(hidden.isError).toBe(true);
    } finally {
      await client.close();
    }
  },
  60_000,
);
