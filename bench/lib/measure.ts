/** Measures durations in milliseconds and throughput in operations per second. */
import { percentile } from "./stats.ts";

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** One after the other. `operation` may return its own duration in ms; else the whole of it counts. */
export async function oneAtATime(
  operation: () => Promise<number | void>,
  count: number,
): Promise<Latency> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    const own = await operation();
    times.push(own ?? performance.now() - start);
  }
  return { p50: percentile(times, 50), p99: percentile(times, 99) };
}

/** `concurrency` at a time for `durationMs`; returns completed operations per second. */
export async function inFlight(
  operation: () => Promise<unknown>,
  concurrency: number,
  durationMs: number,
): Promise<number> {
  const start = performance.now();
  const end = start + durationMs;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      await operation();
      done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return (done * 1000) / (performance.now() - start);
}
