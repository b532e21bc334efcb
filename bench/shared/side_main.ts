/**
 * One side of a comparison: a program that makes calls with a checkout's client, and reports what they cost. Each line on its
 * standard input is a {@link Work} as JSON, each line on its standard output the result.
 */
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { percentile } from "../lib/stats.ts";

/** Which calls to make, and how many. */
export interface Work {
  readonly kind: "get" | "stream";
  readonly url: string;
  readonly calls: number;
  readonly inFlight: number;
}

export interface Took {
  /** Of this process. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Of one call, ms. */
  readonly p50: number;
  readonly p99: number;
}

const [checkout = "", address = "", allow = ""] = process.argv.slice(2);

async function caller(): Promise<Record<Work["kind"], (url: string) => Promise<unknown>>> {
  if (address === "direct") {
    const whole = async (url: string): Promise<unknown> => await (await fetch(url)).arrayBuffer();
    return { get: whole, stream: whole };
  }
  const file = pathToFileURL(join(checkout, "src/client/mod.ts")).href;
  const { RuntimeClient } = await import(file) as typeof import("../../src/client/mod.ts");
  const client = await RuntimeClient.connect(address, { engine: { egress: { allow: [allow] } } });
  return {
    get: (url) => client.executeHTTP({ url }),
    async stream(url) {
      const { body } = await client.streamHTTP({ url });
      const reader = body.getReader();
      while (!(await reader.read()).done);
    },
  };
}

async function run(make: (url: string) => Promise<unknown>, work: Work): Promise<Took> {
  const { url, calls, inFlight } = work;
  const times: number[] = [];
  let left = calls;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const began = performance.now();
      await make(url);
      times.push(performance.now() - began);
    }
  };
  const start = performance.now();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const { user, system } = process.cpuUsage(before);
  return {
    cpuMs: (user + system) / 1_000,
    wallMs: performance.now() - start,
    p50: percentile(times, 50),
    p99: percentile(times, 99),
  };
}

const made = await caller();
console.log("side ready");
for await (const line of createInterface({ input: process.stdin })) {
  const work = JSON.parse(line) as Work;
  console.log(JSON.stringify(await run(made[work.kind], work)));
}
