/** A fast upstream does not hold up others. Runs on the current runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Upstream } from "../../../src/core/platform.ts";
import { thisRuntime } from "../../conformance/hosts.ts";
import { openUpstream, requestTo, textOf } from "../../support/raw_server.ts";

const MB = 1024 * 1024;
let server: ChildProcess;
let url: string;
let upstream: Upstream;

beforeAll(async () => {
  const runtime = thisRuntime();
  const main = fileURLToPath(new URL("../../support/servers/flood_main.ts", import.meta.url));
  server = spawn(runtime.path, runtime.script(main), { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve, reject) => {
    server.stdout?.once("data", (bytes: Uint8Array) => resolve(new TextDecoder().decode(bytes)));
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  url = `http://127.0.0.1:${port.trim()}`;
  upstream = await openUpstream();
});
afterAll(async () => {
  await upstream.close();
  server.kill();
});

interface Flood {
  bytes: number;
  pieces: number;
  stop(): Promise<void>;
}

/** Reads without a pause. */
async function flood(): Promise<Flood> {
  const { body } = await upstream.exchange(requestTo(`${url}/flood`));
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const state: Flood = { bytes: 0, pieces: 0, stop: () => reader.cancel() };
  void (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      state.bytes += value.byteLength;
      state.pieces++;
    }
  })();
  return state;
}

describe("an endless body in chunks of one byte, read as fast as it comes", () => {
  test("timers, other calls and other streams continue", async () => {
    const floods = [await flood(), await flood(), await flood()];
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 50; i++) {
      expect(await textOf(await upstream.exchange(requestTo(url)))).toBe("small");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const bytes = floods.map((one) => one.bytes);
    while (floods.some((one, i) => one.bytes < (bytes[i] ?? 0) + MB)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MB);
    // What a read of the socket brought is one piece.
    for (const one of floods) expect(one.bytes / one.pieces).toBeGreaterThan(100);
    await Promise.all(floods.map((one) => one.stop()));
  });

  test("a slow reader gets everything that arrived as one piece", async () => {
    const { body } = await upstream.exchange(requestTo(`${url}/flood`));
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    // Until nothing more arrives, the socket waits.
    let sizes: number[] = [];
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      sizes.push((await reader.read()).value?.byteLength ?? 0);
    }
    sizes = sizes.toSorted((a, b) => a - b);
    expect(sizes[10]).toBeGreaterThan(1_000);
    await reader.cancel();
  });
});
