/** Batches: how near they come to what their limit allows, and what a long queue costs in memory. */
import process from "node:process";
import { ApiClient } from "../../mod.ts";
import { start } from "../lib/processes.ts";
import type { Figure, Report } from "../lib/report.ts";
import { interleave } from "../lib/rounds.ts";
import { median } from "../lib/stats.ts";
import { bareSocketsMs } from "./bare_sockets.ts";

const REQUESTS = 50;
/** How long the upstream takes for each. */
const ANSWER_MS = 10;
const LIMITS = [1, 5, 10, 20, 50];
/** Batches of each limit in a round, and before the first. */
const BATCHES = 3;
const WARM_UP = 30;

const MACHINE =
  "it is what the machine makes of it: 50 sockets that are open already, with nothing but a request written to each, take most " +
  "of what is more than the floor, as 50 timers of the API end at once and its process shares the cores with this one, and " +
  "`fetch` takes as much as a batch. Tried: a batch without generators and copies of options (kept: 6 µs less a call)";

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

/** The same with the runtime's own `fetch`, and as many callers as the limit allows: a busy machine delays both. */
async function fetchMs(url: string, limit: number): Promise<number> {
  let left = REQUESTS;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await (await fetch(url)).text();
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: limit }, caller));
  return performance.now() - begin;
}

const SIDES = ["batch", "fetch", "sockets"] as const;
type Side = (typeof SIDES)[number];

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
    const measure = (side: Side, limit: number): Promise<number> =>
      side === "batch"
        ? batchMs(api, limit)
        : side === "fetch"
        ? fetchMs(url, limit)
        : bareSocketsMs(REQUESTS, Number(port), "/pause");
    const inTurns = (limit: number, times: number): Promise<Partial<Record<Side, number[]>>> =>
      // The sockets are one each for all requests.
      interleave(SIDES.slice(0, limit === REQUESTS ? 3 : 2), times, (side) => measure(side, limit));
    await inTurns(REQUESTS, WARM_UP);
    const figures: Figure[] = [];
    for (const limit of LIMITS) {
      const { batch = [], fetch = [], sockets } = await inTurns(limit, rounds * BATCHES);
      const floor = floorMs(limit);
      const what = `${REQUESTS} GETs of ${ANSWER_MS} ms, ${limit} at once`;
      figures.push({
        name: `${what}: time / floor of ${floor} ms`,
        value: median(batch) / floor,
        unit: "×",
        target: { is: "at most", value: 1.2, missed: MACHINE },
      }, {
        name: `${what}: time / that of fetch`,
        value: median(batch) / median(fetch),
        unit: "×",
      });
      if (sockets === undefined) continue;
      figures.push(
        { name: `${what}, fetch: time / floor`, value: median(fetch) / floor, unit: "×" },
        {
          name: `${what}, open sockets and nothing else: time / floor`,
          value: median(sockets) / floor,
          unit: "×",
        },
      );
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
