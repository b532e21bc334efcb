/** Figures over time: what changed between one answer of the worker and the next. */
import type { Figures, Latency } from "../../worker/figures/figures.ts";

export interface Point {
  /** Calls a second, and of these failed. */
  readonly calls: number;
  readonly failed: number;
  /** Milliseconds; undefined: no call ended. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  /** Undefined: the worker does not say. */
  readonly active: number | undefined;
}

/** A minute, at one every two seconds. */
const MOST_POINTS = 30;

export class Series {
  readonly points: Point[] = [];
  #last: { readonly figures: Figures; readonly at: number } | undefined;

  /** `at`: milliseconds. */
  add(figures: Figures, at: number): void {
    const before = this.#last;
    this.#last = { figures, at };
    const { calls, latency } = figures;
    // After a restart the worker counts from zero again.
    if (before === undefined || before.figures.calls.total > calls.total || at <= before.at) return;
    const seconds = (at - before.at) / 1_000;
    const since: Latency = {
      upToMs: latency.upToMs,
      counts: latency.counts.map((count, n) => count - (before.figures.latency.counts[n] ?? 0)),
    };
    this.points.push({
      calls: (calls.total - before.figures.calls.total) / seconds,
      failed: (calls.failed - before.figures.calls.failed) / seconds,
      p50: quantile(since, 0.5),
      p95: quantile(since, 0.95),
      active: figures.runtime?.active,
    });
    if (this.points.length > MOST_POINTS) this.points.shift();
  }
}

/** The upper bound of the class in which the quantile lies. Undefined: nothing was counted. */
export function quantile({ upToMs, counts }: Latency, part: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  for (const [at, count] of counts.entries()) {
    seen += count;
    if (seen >= total * part) return upToMs[at] ?? upToMs.at(-1);
  }
  return upToMs.at(-1);
}

/** The points of a line in a box, from 0 to `most`; gaps are left out. */
export function linePoints(
  values: readonly (number | undefined)[],
  width: number,
  height: number,
  most: number,
): string {
  const step = width / Math.max(1, MOST_POINTS - 1);
  const first = width - step * (values.length - 1);
  return values.flatMap((value, at) =>
    value === undefined
      ? []
      : [`${round(first + at * step)},${round(height - (most > 0 ? value / most : 0) * height)}`]
  ).join(" ");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
