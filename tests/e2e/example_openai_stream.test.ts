import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { OWN_RUNTIME, startProgram } from "../support/process.ts";
import { type ServedSimulator, serveSimulator } from "./worker_support.ts";

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

  const sections = (output: string) =>
    [...output.matchAll(/^=== (.*) ===$/gm)].map((match) => match[1]);

  async function run(env: Record<string, string | undefined>): Promise<string> {
    const program = startProgram(OWN_RUNTIME, MAIN, [], { ...UNSET, SIMULATOR_PORT: port, ...env });
    const code = await program.exited;
    expect([code, program.output()]).toEqual([0, program.output()]);
    return program.output();
  }

  function expectAll(output: string): void {
    expect(sections(output)).toEqual([
      "Connection test",
      "Streaming",
      "Non-streaming",
      "Sequential questions",
      "Errors",
      "Done",
    ]);
    expect(output.match(/A: The capital of France is Paris\./g)?.length).toBe(2);
    expect(output).toContain("6 pieces, the first after");
    expect(output).toContain("unknown model: HTTP 404");
    expect(output).toContain("wrong key: HTTP 401");
    expect(output).toContain("no time at all: InvalidRequest request.timeout");
  }

  test("runs in one process", async () => {
    const output = await run({});
    expectAll(output);
    expect(output).toContain("Runtime embedded: (embedded): healthy");
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
      expect(output).toContain("(session): healthy");
    } finally {
      await daemon.stop();
      await rm(folder, { recursive: true });
    }
  });

  test("asks the address of a real API, with its key", async () => {
    const output = await run({
      VASTAR_PROFILE: "production",
      OPENAI_API_KEY: "sk-test",
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      // It is on this machine only here.
      VASTAR_ALLOW: `127.0.0.1:${port}`,
    });
    expectAll(output);
  });

  test("names the missing variable with its line when the real API is asked for without a key", async () => {
    const program = startProgram(OWN_RUNTIME, MAIN, [], { ...UNSET, VASTAR_PROFILE: "production" });
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/config\.yaml:\d+:\d+: .*OPENAI_API_KEY/);
  });
});
