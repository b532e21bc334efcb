import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { OWN_RUNTIME, startProgram } from "../../support/process.ts";
import { type ServedSimulator, serveSimulator } from "../worker/worker_support.ts";

const MAIN = "examples/openai-stream/main.ts";
const UNSET = { VASTAR_RUNTIME: undefined, VASTAR_PROFILE: undefined, OPENAI_API_KEY: undefined };

describe("the example openai-stream", () => {
  let api: ServedSimulator;
  let port = "";
  beforeAll(async () => {
    api = await serveSimulator({});
    port = new URL(api.server.url).port;
  });
  afterAll(async () => {
    await api.server.stop(0);
  });

  async function run(env: Record<string, string | undefined>): Promise<string> {
    const program = startProgram(OWN_RUNTIME, MAIN, [], { ...UNSET, SIMULATOR_PORT: port, ...env });
    const code = await program.exited;
    expect([code, program.output()]).toEqual([0, program.output()]);
    return program.output();
  }

  /** What the demos of the SDKs print, with the answers in place of `…`. */
  const PRINTED = [
    "🤖 OpenAI Stream SSE Connector Demo",
    "═".repeat(53),
    /^(🧪 Using Simulator|🌐 Using Real OpenAI API)$/,
    /^🔗 Base URL: http:\/\/127\.0\.0\.1:\d+$/,
    /^(🐧 Connected via Unix Socket: \/.+|🧩 Connected in this process)$/,
    "📡 Testing connection...",
    /^ {3}URL: http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions$/,
    "✅ Connection successful!",
    /^ {3}Response: \{"id":/,
    "Example 1: Streaming Chat Completion",
    "─".repeat(61),
    "User: Explain quantum computing in simple terms.",
    "AI: ",
    /^\S/,
    "─".repeat(61),
    /^📊 Total response length: [1-9]\d* characters$/,
    "Example 2: Non-Streaming Chat Completion",
    "User: What is the capital of France?",
    "AI: ",
    "The capital of France is Paris.",
    "Example 3: Sequential Requests",
    "Q: What is TypeScript?",
    /^A: \S/,
    "Q: What is Node.js?",
    /^A: \S/,
    "Q: What is async/await?",
    /^A: \S/,
    "Example 4: Errors",
    /^unknown model: HTTP 404/,
    /^wrong key: HTTP 401/,
    /^no time at all: InvalidRequest request\.timeout/,
    "═".repeat(53),
    "✅ All examples completed successfully!",
    "✅ Connection closed",
  ];

  function expectAll(output: string): void {
    const lines = output.split("\n");
    for (const wanted of PRINTED) {
      const at = lines.findIndex((line) =>
        typeof wanted === "string" ? line === wanted : wanted.test(line)
      );
      expect([wanted, at >= 0, output]).toEqual([wanted, true, output]);
      // In this order.
      lines.splice(0, at + 1);
    }
  }

  test("runs in one process", async () => {
    const output = await run({});
    expectAll(output);
    expect(output).toContain("🧪 Using Simulator");
    expect(output).toContain("🧩 Connected in this process");
    expect(output).toContain("metadata address: Permanent egress.denied");
  });

  test("runs over a daemon with nothing but the address changed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "example-"));
    const socket = `unix:${join(folder, "runtime.sock")}`;
    const daemon = startProgram(OWN_RUNTIME, "cli/main.ts", [
      "runtime",
      "--listen",
      socket,
      "--allow",
      `127.0.0.1:${port}`,
    ]);
    try {
      await daemon.waitFor(/ready/i);
      const output = await run({ VASTAR_RUNTIME: socket });
      expectAll(output);
      expect(output).toContain(`🐧 Connected via Unix Socket: ${socket.slice(5)}`);
    } finally {
      await daemon.stop();
      await rm(folder, { recursive: true });
    }
  });

  test("asks the address of a real API, with its key", async () => {
    const output = await run({
      VASTAR_PROFILE: "production",
      OPENAI_API_KEY: "sk-test",
      OPENAI_BASE_URL: `http://127.0.0.1:${port}`,
      // It is on this machine only here.
      VASTAR_ALLOW: `127.0.0.1:${port}`,
    });
    expectAll(output);
    expect(output).toContain("🌐 Using Real OpenAI API");
  });

  test("names the missing variable with its line when the real API is asked for without a key", async () => {
    const program = startProgram(OWN_RUNTIME, MAIN, [], { ...UNSET, VASTAR_PROFILE: "production" });
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/config\.yaml:\d+:\d+: .*OPENAI_API_KEY/);
  });
});
