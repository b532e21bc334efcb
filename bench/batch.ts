/** Batches: how near they come to what their limit allows, and what a long queue costs in memory. */
import process from "node:process";
import { ApiClient } from "../mod.ts";
import { parallelRequests } from "../src/concurrency/mod.ts";
import { start } from "./lib/processes.ts";
import type { Figure, Report } from "./lib/report.ts";
import { interleave } from "./lib/rounds.ts";
import { median } from "./lib/stats.ts";

const REQUESTS = 50;
/** How long the upstream takes for each. */
const ANSWER_MS = 10;
const LIMITS = [1, 5, 10, 20, 50];
/** Batches of each limit in a round, and before the first. */
const BATCHES = 3;
const WARM_UP = 30;

const QUEUED = 10_000;
const QUEUE_LIMIT = 100;
/** By then connections are open and code is warm. */
const WARM = 2000;

/** Rounded up to whole turns of as many requests as the limit allows. */
const floorMs = (limit: number): number => Math.ceil(REQUESTS / limit) * ANSWER_MS;

async function batchMs(api: ApiClient, maxConcurrency: number): Promise<number> {
  const requests = Array.from({ length: REQUESTS }, () => ({ path: "/pause" }));
  const begin = performance.now();
  const results = await api.batchRequest(requests, { maxConcurrency });
  const took = performance.now() - begin;
  const failed = results.find(({ ok }) => !ok);
  if (failed !== undefined) throw failed.error;
  return took;
}

/** The same with the runtime's own `fetch`: a busy machine delays both. */
async function fetchMs(url: string, maxConcurrency: number): Promise<number> {
  const urls = Array.from({ length: REQUESTS }, () => url);
  const begin = performance.now();
  await parallelRequests(urls, async (one) => await (await fetch(one)).text(), { maxConcurrency });
  return performance.now() - begin;
}

function heapMb(): number {
  Bun.gc(true);
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** What the heap grew by between the first part of the queue and its end, in MB. */
async function growthMb(api: ApiClient): Promise<number> {
  const requests = Array.from({ length: QUEUED }, () => ({ path: "/small" }));
  let [seen, warm] = [0, 0];
  for await (const { ok, error } of api.streamBatch(requests, { maxConcurrency: QUEUE_LIMIT })) {
    if (!ok) throw error;
    if (++seen === WARM) warm = heapMb();
  }
  return heapMb() - warm;
}

export async function benchBatch(rounds: number): Promise<Report> {
  const upstream = await start(["bench/upstream_main.ts"], /upstream ready on \d+/);
  const port = /\d+$/.exec(upstream.line)?.[0];
  const api = new ApiClient({
    baseURL: `http://127.0.0.1:${port}`,
    egress: { allow: [`127.0.0.1:${port}`] },
  });
  try {
    const url = `http://127.0.0.1:${port}/pause`;
    const inTurns = (limit: number, times: number): Promise<Record<"batch" | "fetch", number[]>> =>
      interleave(
        ["batch", "fetch"],
        times,
        (side) => side === "batch" ? batchMs(api, limit) : fetchMs(url, limit),
      );
    await inTurns(REQUESTS, WARM_UP);
    const figures: Figure[] = [];
    for (const limit of LIMITS) {
      const times = await inTurns(limit, rounds * BATCHES);
      const [ours, theirs] = [median(times.batch), median(times.fetch)];
      const what = `${REQUESTS} GETs of ${ANSWER_MS} ms, ${limit} at once`;
      figures.push({
        name: `${what}: time / floor of ${floorMs(limit)} ms`,
        value: ours / floorMs(limit),
        unit: "×",
        target: { is: "at most", value: 1.2 },
      }, { name: `${what}: time / that of fetch`, value: ours / theirs, unit: "×" });
    }
    figures.push({
      name:
        `${QUEUED} queued, ${QUEUE_LIMIT} at once: heap growth from request ${WARM} to the last`,
      value: await growthMb(api),
      unit: "MB",
      target: { is: "at most", value: 1 },
    });
    return { benchmark: "batch", figures };
  } finally {
    await api.close();
    await upstream.stop();
  }
}
