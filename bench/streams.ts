/** Many concurrent streams through the daemon: whether all are complete and in order, and how much memory they need. */
import type { Figure, Report } from "./lib/report.ts";
import { type BenchStage, withStage } from "./lib/stage.ts";
import { median } from "./lib/stats.ts";

const STREAMS = 1000;
const EVENTS = 100;

const STREAMS_HOLD =
  "Bun's own program takes 84 MB for as many; each stream here passes two `ReadableStream`s in the daemon, of some kilobytes " +
  "each. Tried: one set of socket handlers and one scratch for all connections (kept), answers worked on together (kept)";

/** Reads one stream and returns how many events arrived in order. */
async function follow({ clients, upstream }: BenchStage): Promise<number> {
  const response = await clients.unix.streamHTTP({ url: `${upstream}/events` });
  let next = 0;
  for await (const { data } of response.events()) {
    if (data === String(next)) next++;
  }
  return next;
}

export async function benchStreams(rounds: number): Promise<Report> {
  return await withStage(async (stage) => {
    const seconds: number[] = [];
    let [complete, peak] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const over = new AbortController();
      const watch = async (): Promise<void> => {
        while (!over.signal.aborted) {
          peak = Math.max(peak, await stage.daemon.residentMb());
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const watching = watch();
      const start = performance.now();
      const counts = await Promise.all(Array.from({ length: STREAMS }, () => follow(stage)));
      seconds.push(performance.now() - start);
      over.abort();
      await watching;
      complete += counts.filter((count) => count === EVENTS).length;
    }
    const figures: Figure[] = [
      {
        name: `${STREAMS} streams of ${EVENTS} events: complete and in order`,
        value: complete / (rounds * STREAMS),
        unit: "×",
        target: { is: "at least", value: 1 },
      },
      {
        name: `${STREAMS} streams of ${EVENTS} events: daemon, resident at most`,
        value: peak,
        unit: "MB",
        target: { is: "at most", value: 110, missed: STREAMS_HOLD },
      },
      {
        name: `${STREAMS} streams of ${EVENTS} events: until the last`,
        value: median(seconds),
        unit: "ms",
      },
    ];
    return { benchmark: "streams", figures };
  });
}
