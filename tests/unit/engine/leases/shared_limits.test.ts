import { describe, expect, test } from "bun:test";
import { fairness, simulate } from "../../../../bench/shared_limits/simulate.ts";
import { Sharing } from "../../../../src/engine/leases/sharing.ts";
import {
  Claim,
  RateLimit,
  type Refusal,
  Waiter,
} from "../../../../src/engine/limits/rate_limit.ts";
import { fakeClock } from "../../../support/clock.ts";
import { MemoryStore, settled } from "./memory_store.ts";

const RATE = { units: 10, perMs: 1_000, burst: 4 };

function runtimes(count: number, maxWaitMs = 10_000) {
  const clock = fakeClock();
  const store = new MemoryStore(() => clock.now());
  const all = Array.from(
    { length: count },
    () => new Sharing({ store: store.open(), clock, random: () => 0.5, maxAwayMs: 60_000 }),
  );
  const limits = all.map((sharing) =>
    new RateLimit({
      rate: RATE,
      supply: sharing.rates.supply("tenant a", RATE),
      maxWaitMs,
      maxQueued: 100,
      shadow: false,
    }, clock)
  );
  const start = () => Promise.all(all.map((sharing) => sharing.start()));
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 5) {
      clock.advance(5);
      await settled();
    }
  };
  return { clock, store, all, limits, start, pass };
}

/** What became of a call: let in, refused, or still waiting. */
function call(limit: RateLimit): { state: "in" | "waits" | "refused" } {
  const seen: { state: "in" | "waits" | "refused" } = { state: "waits" };
  if (limit.enter(1) !== undefined) seen.state = "in";
  else {
    const turn = (one: Claim | Refusal): void => {
      seen.state = one instanceof Claim ? "in" : "refused";
    };
    if (!(limit.wait("a", 1, Infinity, turn) instanceof Waiter)) seen.state = "refused";
  }
  return seen;
}

const count = (calls: readonly { state: string }[], state: string): number =>
  calls.filter((one) => one.state === state).length;

describe("runtimes that share a limit", () => {
  test("let through together what one would", async () => {
    const { limits, start, pass } = runtimes(3);
    await start();
    const calls = limits.flatMap((limit) => Array.from({ length: 10 }, () => call(limit)));
    await pass(1_000);
    // The burst, and what a second gives.
    expect(count(calls, "in")).toBeGreaterThanOrEqual(13);
    expect(count(calls, "in")).toBeLessThanOrEqual(14);
    await pass(2_500);
    expect(count(calls, "in")).toBe(30);
  });

  test("refuse a call that may not wait, but only after asking", async () => {
    const { limits, start, pass } = runtimes(2, 0);
    await start();
    const [one, other] = limits as [RateLimit, RateLimit];
    const calls = Array.from({ length: 6 }, (_, at) => call(at % 2 === 0 ? one : other));
    await pass(20);
    expect([count(calls, "in"), count(calls, "refused")]).toEqual([4, 2]);
    expect(one.refused + other.refused).toBe(2);
  });

  test("take what they hold without asking", async () => {
    const { store, limits, start, pass } = runtimes(1);
    await start();
    const [limit] = limits as [RateLimit];
    const first = [call(limit), call(limit), call(limit), call(limit)];
    await pass(10);
    expect(count(first, "in")).toBe(4);
    const puts = store.puts;
    await pass(90);
    expect(store.puts - puts).toBeLessThanOrEqual(1);
  });

  test("go on with their part while the store is away, for a while", async () => {
    const { clock, store, all, limits, start, pass } = runtimes(2);
    await start();
    // The first to start has looked before the second was there.
    await pass(16_000);
    expect(all.map((one) => one.figures().members)).toEqual([2, 2]);
    store.away = true;
    const [one] = limits as [RateLimit];
    const calls = Array.from({ length: 20 }, () => call(one));
    await pass(1_000);
    expect(all[0]!.figures().awayMs).toBeGreaterThan(0);
    // Half of 10 a second, and half of the burst.
    expect(count(calls, "in")).toBeGreaterThanOrEqual(4);
    expect(count(calls, "in")).toBeLessThanOrEqual(8);
    clock.advance(60_000);
    await settled();
    const late = call(one);
    expect(late.state).toBe("refused");
    store.away = false;
    await pass(2_000);
    expect(all[0]!.figures().awayMs).toBe(0);
    const back = call(one);
    await pass(1_000);
    expect(back.state).toBe("in");
  });

  test("come and go", async () => {
    const { all, start, pass } = runtimes(3);
    await start();
    await pass(16_000);
    expect(all.map((one) => one.figures().members)).toEqual([3, 3, 3]);
    await all[0]!.close();
    await pass(16_000);
    expect(all.slice(1).map((one) => one.figures().members)).toEqual([2, 2]);
    for (const one of all) await one.close();
  });
});

describe("simulated", () => {
  test("forty keep the limit and get equal parts, though their clocks differ", async () => {
    const run = await simulate({
      seed: 7,
      members: 40,
      perSecond: 800,
      latencyMs: 0.5,
      skewMs: 50,
      seconds: 6,
    });
    const steady = run.bySecond.slice(3);
    for (const second of steady) expect(Math.abs(second - 800)).toBeLessThanOrEqual(800 * 0.02);
    const parts = run.byMember.map((seconds) => seconds.slice(3).reduce((a, b) => a + b, 0));
    expect(fairness(parts)).toBeGreaterThan(0.98);
  });

  test("a run is the same each time", async () => {
    const scenario = { seed: 3, members: 5, perSecond: 50, latencyMs: 1, skewMs: 20, seconds: 3 };
    expect(await simulate(scenario)).toEqual(await simulate(scenario));
  });
});
