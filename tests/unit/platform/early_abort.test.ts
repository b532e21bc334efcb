/** Requests cancelled before they have a socket do not affect others. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import process from "node:process";
import { platform } from "#platform";
import type { Upstream, UpstreamResponse } from "../../../src/core/platform.ts";
import { resolveOptions } from "../../../src/engine/options.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";

let server: UpstreamServer;
let upstream: Upstream;

beforeAll(async () => {
  server = await startUpstream();
  upstream = await platform.createUpstream(resolveOptions().upstream);
});
afterAll(async () => {
  await upstream.close();
  await server.close();
});

async function exchange(signal: AbortSignal): Promise<UpstreamResponse> {
  return await upstream.exchange({
    method: "GET",
    url: new URL(`${server.url}/json`),
    pinned: { address: "127.0.0.1", family: 4 },
    headers: [],
    body: null,
    signal,
    connectTimeoutMs: 5_000,
  });
}

async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(() => undefined, (reason: unknown) => reason);
}

test("aborted beforehand, it fails with the reason and ends no process", async () => {
  // So that there is a socket in the pool.
  await exchange(new AbortController().signal);
  const reason = new Error("given up");
  expect(await reasonOf(exchange(AbortSignal.abort(reason)))).toBe(reason);
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect((await exchange(new AbortController().signal)).status).toBe(200);
});

test("aborted while it takes a socket from the pool, it leaves no listeners on it", async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", onWarning);
  await exchange(new AbortController().signal);
  for (let i = 0; i < 30; i++) {
    const controller = new AbortController();
    const reason = new Error("given up");
    queueMicrotask(() => controller.abort(reason));
    expect(await reasonOf(exchange(controller.signal))).toBe(reason);
  }
  expect((await exchange(new AbortController().signal)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1));
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});
