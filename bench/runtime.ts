/** What the engine's stages cost: throughput with all of them over that of a bare engine, and memory that stays after a million calls. */
import { createEngine, type Engine, type EngineOptions } from "../src/engine/engine.ts";
import { platform } from "#platform";
import { inFlight } from "./lib/measure.ts";
import { start } from "./lib/processes.ts";
import type { Report } from "./lib/report.ts";
import { compareRounds, interleave } from "./lib/rounds.ts";
import { median } from "./lib/stats.ts";
import { ALL_STAGES, callTo, LIMITED } from "./shared/stages.ts";

const IN_FLIGHT = 64;
const MS_A_ROUND = 1_500;
const CALLS = 1_000_000;
const MISSED =
  "about a microsecond a call with limits, over an engine whose calls do nothing but wait for the system: a promise for retries " +
  "and one for all stages within them, and a few objects for each limit. Tried: one promise for the ends of all stages of an " +
  "attempt instead of one each, no text joined for a limit's key, no lists where nothing costs more than one, the time of arrival " +
  "in place of the clock while nothing has waited, the last place and limit at hand (kept: half of it together)";

const BARE: EngineOptions = {
  retry: false,
  breaker: false,
  bulkhead: false,
  learn: false,
  idempotency: false,
};

export async function benchRuntime(rounds: number): Promise<Report> {
  await using stack = new AsyncDisposableStack();
  const upstream = await start(["bench/upstream_main.ts"], /upstream ready/);
  stack.defer(() => upstream.stop());
  const host = `127.0.0.1:${upstream.line.split(" ").at(-1)}`;
  const open = (options: EngineOptions): Engine => {
    const engine = createEngine({ ...options, egress: { allow: [host] } }, { platform });
    stack.defer(() => engine.close());
    return engine;
  };
  const engines = {
    bare: open(BARE),
    usual: open({}),
    limited: open(LIMITED),
    all: open(ALL_STAGES),
  };
  const request = callTo(`http://${host}/small`);
  // The first round warms up.
  const rates = await interleave(["bare", "usual", "limited", "all"], rounds + 1, (side) => {
    const engine = engines[side];
    return inFlight(() => engine.call(request) as Promise<unknown>, IN_FLIGHT, MS_A_ROUND);
  });
  for (const side of Object.values(rates)) side.shift();
  const part = (side: "usual" | "limited" | "all"): number =>
    median(compareRounds(rates[side], rates.bare, (ours, theirs) => ours / theirs));

  const args = ["bench/shared/growth_main.ts", host, String(CALLS)];
  const grown = await start(args, /resident/, { timeoutMs: 600_000 });
  stack.defer(() => grown.stop());
  const [before = NaN, after = NaN] = grown.line.split(" ").slice(1).map(Number);
  const target = { is: "at least", value: 0.9, missed: MISSED } as const;
  const what = `GET, ${IN_FLIGHT} in flight, embedded`;
  return {
    benchmark: "runtime",
    figures: [
      { name: `${what}: stages off`, value: median(rates.bare) / 1_000, unit: "k/s" },
      { name: `${what}: as it comes, of that`, value: part("usual"), unit: "×", target },
      {
        name: `${what}: with limits, quotas and tenants, of that`,
        value: part("limited"),
        unit: "×",
        target,
      },
      { name: `${what}: with hedging and a cache, too, of that`, value: part("all"), unit: "×" },
      { name: "resident, before", value: before, unit: "MB" },
      {
        name: `growth over ${CALLS / 1_000_000} M calls of 100 tenants, every stage on`,
        value: after - before,
        unit: "MB",
        target: { is: "at most", value: 10 },
      },
    ],
  };
}
