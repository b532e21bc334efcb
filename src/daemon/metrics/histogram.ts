/** Counts durations in the buckets that OpenTelemetry recommends for HTTP. */
import type { HistogramFigures } from "./text.ts";

/** Seconds. */
const BOUNDS: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
];

export class Histogram implements HistogramFigures {
  readonly bounds: readonly number[] = BOUNDS;
  readonly counts: number[] = new Array<number>(BOUNDS.length + 1).fill(0);
  sum = 0;

  observe(ms: number): void {
    const seconds = ms / 1000;
    let at = 0;
    while (seconds > (BOUNDS[at] ?? Infinity)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += seconds;
  }
}
