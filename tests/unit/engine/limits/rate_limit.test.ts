import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  Claim,
  RateLimit,
  type RateLimitOptions,
  Waiter,
} from "../../../../src/engine/limits/rate_limit.ts";
import { fakeClock } from "../../../support/clock.ts";

const OPTIONS: RateLimitOptions = {
  rate: { units: 10, perMs: 1_000, burst: 2 },
  maxWaitMs: 300,
  maxQueued: 2,
  shadow: false,
};

function desk(options: Partial<RateLimitOptions> = {}) {
  const clock = fakeClock();
  const limit = new RateLimit({ ...OPTIONS, ...options }, clock);
  /** Who was let in, and when. */
  const letIn: string[] = [];
  const waiting = new Map<string, Waiter>();
  const claims = new Map<string, Claim>();
  const enter = (name: string, cost = 1, leftMs = 10_000, tenantId = "t"): string => {
    const claim = limit.enter(cost);
    if (claim !== undefined) {
      claims.set(name, claim);
      return "in";
    }
    const waiter = limit.wait(tenantId, cost, leftMs, (turn) => {
      if (!(turn instanceof Claim)) throw new TypeError("nobody else takes part");
      claims.set(name, turn);
      letIn.push(`${name} ${clock.monotonic()}`);
    });
    if (!(waiter instanceof Waiter)) return `${waiter.because} ${waiter.retryAfterMs}`;
    waiting.set(name, waiter);
    return "waits";
  };
  const leave = (name: string): void => limit.leave(waiting.get(name) as Waiter);
  const claimOf = (name: string): Claim => claims.get(name) as Claim;
  return { clock, limit, enter, leave, claimOf, letIn };
}

test("at once, after a wait, or not at all", () => {
  const { clock, limit, enter, letIn } = desk();
  expect(["a", "b", "c", "d", "e"].map((name) => enter(name))).toEqual([
    "in",
    "in",
    "waits",
    "waits",
    "queue 300",
  ]);
  expect(enter("f", 2)).toBe("wait 400");
  expect(limit.refused).toBe(2);
  expect(limit.queued).toBe(2);
  clock.advance(1_000);
  expect(letIn).toEqual(["c 100", "d 200"]);
  expect(limit.queued).toBe(0);
  expect(clock.pending).toBe(0);
});

test("no call waits beyond its deadline", () => {
  const { enter } = desk();
  enter("a", 2);
  expect(enter("b", 1, 100)).toBe("wait 100");
  expect(enter("c", 1, 101)).toBe("waits");
});

test("who leaves the queue makes room, also for the time that he waited for", () => {
  const { clock, limit, enter, leave, letIn } = desk();
  enter("a", 2);
  enter("b");
  enter("c");
  clock.advance(10);
  leave("b");
  leave("b");
  expect(limit.queued).toBe(1);
  clock.advance(90);
  expect(letIn).toEqual(["c 100"]);
  enter("d");
  leave("d");
  expect(clock.pending).toBe(0);
});

test("what a call gives back goes to the one who waits", () => {
  const { clock, enter, claimOf, letIn } = desk();
  enter("a");
  enter("b");
  enter("c");
  clock.advance(10);
  claimOf("b").cancel();
  claimOf("b").cancel();
  expect(letIn).toEqual(["c 10"]);
});

test("a timer that fires late does not make the limit lower", () => {
  const { clock, limit, enter, letIn } = desk({ maxWaitMs: 10_000, maxQueued: 100 });
  enter("a", 2);
  for (let i = 0; i < 20; i++) enter(String(i));
  const real = clock.setTimeout.bind(clock);
  clock.setTimeout = (callback, ms) => real(callback, ms + 7);
  clock.advance(2_007);
  expect(letIn).toHaveLength(20);
  expect(limit.queued).toBe(0);
});

test("a cost that is known afterwards replaces the guess", () => {
  const { limit, enter, claimOf } = desk({ rate: { units: 100, perMs: 1_000, burst: 100 } });
  enter("a", 50);
  claimOf("a").settle(20);
  expect(limit.supply.available(0)).toBeCloseTo(80, 6);
  claimOf("a").settle(90);
  expect(limit.supply.available(0)).toBeCloseTo(10, 6);
});

test("a tenant with a hundred times as many calls delays no other", () => {
  const { clock, enter, letIn } = desk({ maxWaitMs: 20_000, maxQueued: 1_000 });
  enter("first", 2);
  // 10 calls a second are let in; A wants 1,000, B 4.
  for (let second = 0; second < 10; second++) {
    for (let i = 0; i < 1_000; i++) enter(`A${second}`, 1, 60_000, "A");
    for (let i = 0; i < 4; i++) expect(enter(`B${second}`, 1, 60_000, "B")).toBe("waits");
    clock.advance(1_000);
    // Each second B gets all that it wants, and A what is left.
    expect(letIn.filter((who) => who.startsWith("B"))).toHaveLength(4 * (second + 1));
    expect(letIn).toHaveLength(10 * (second + 1));
  }
});

test("tenants that all want more get equal shares, whatever their calls cost", () => {
  const costs = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(costs, (all) => {
      const clock = fakeClock();
      const limit = new RateLimit({
        rate: { units: 1_000, perMs: 1_000, burst: 1 },
        maxWaitMs: 3_600_000,
        maxQueued: 100_000,
        shadow: false,
      }, clock);
      const got = all.map(() => 0);
      const ask = (tenant: number): void => {
        const cost = all[tenant] ?? 1;
        limit.wait(String(tenant), cost, Infinity, () => {
          got[tenant] = (got[tenant] ?? 0) + cost;
        });
      };
      limit.enter(1);
      all.forEach((cost, tenant) => {
        for (let sum = 0; sum < 1_500; sum += cost) ask(tenant);
      });
      clock.advance(1_000 * all.length);
      for (const part of got) expect(Math.abs(part - 1_000)).toBeLessThanOrEqual(150);
    }),
    { numRuns: 30 },
  );
});

test("in shadow mode everything passes, and what would have been refused is counted", () => {
  const pauses = fc.array(fc.nat(200), { maxLength: 60, size: "max" });
  fc.assert(fc.property(pauses, (some) => {
    const { clock, limit, enter } = desk({ shadow: true });
    // Waits of at most 300 ms at 10 calls a second after a burst of 2: a debt of at most 5 calls.
    let debt = 0;
    let refused = 0;
    for (const pause of some) {
      clock.advance(pause);
      debt = Math.max(0, debt - pause / 100);
      if (debt + 1 - 2 > 3 + 1e-9) refused++;
      else debt++;
      expect(enter("a")).toBe("in");
      expect(limit.refused).toBe(refused);
      expect(limit.queued).toBe(0);
    }
  }));
});
