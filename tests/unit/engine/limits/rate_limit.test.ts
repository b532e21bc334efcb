import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  Claim,
  RateLimit,
  type RateLimitOptions,
} from "../../../../src/engine/limits/rate_limit.ts";

const OPTIONS: RateLimitOptions = {
  rate: { units: 10, perMs: 1_000, burst: 2 },
  maxWaitMs: 300,
  maxQueued: 2,
  shadow: false,
};

function outcome(limit: RateLimit, now: number, cost = 1, leftMs = 10_000): string {
  const claim = limit.claim(now, cost, leftMs);
  return claim instanceof Claim ? `in ${claim.waitMs}` : `${claim.because} ${claim.retryAfterMs}`;
}

test("at once, after a wait, or not at all", () => {
  const limit = new RateLimit(OPTIONS);
  const all = [1, 2, 3, 4, 5].map(() => outcome(limit, 0));
  expect(all).toEqual(["in 0", "in 0", "in 100", "in 200", "queue 300"]);
  expect(outcome(limit, 0, 2)).toBe("wait 400");
  expect(limit.refused).toBe(2);
  expect(limit.queued).toBe(2);
});

test("nobody waits beyond his deadline", () => {
  const limit = new RateLimit(OPTIONS);
  outcome(limit, 0, 2);
  expect(outcome(limit, 0, 1, 100)).toBe("wait 100");
  expect(outcome(limit, 0, 1, 101)).toBe("in 100");
});

test("who leaves the queue makes room, also for the time that he waited for", () => {
  const limit = new RateLimit(OPTIONS);
  outcome(limit, 0, 2);
  const first = limit.claim(0, 1, 10_000);
  const second = limit.claim(0, 1, 10_000);
  if (!(first instanceof Claim) || !(second instanceof Claim)) throw new Error("refused");
  first.cancel(10);
  first.cancel(10);
  expect(limit.queued).toBe(1);
  expect(outcome(limit, 10)).toBe("in 190");
  second.leaveQueue();
  second.leaveQueue();
  expect(limit.queued).toBe(1);
});

test("a cost that is known afterwards replaces the guess", () => {
  const limit = new RateLimit({ ...OPTIONS, rate: { units: 100, perMs: 1_000, burst: 100 } });
  const claim = limit.claim(0, 50, 10_000);
  if (!(claim instanceof Claim)) throw new Error("refused");
  claim.settle(0, 20);
  expect(limit.gcra.available(0)).toBeCloseTo(80, 6);
  claim.settle(0, 90);
  expect(limit.gcra.available(0)).toBeCloseTo(10, 6);
});

test("in shadow mode everything passes, and what would have been refused is counted", () => {
  const pauses = fc.array(fc.nat(200), { maxLength: 60, size: "max" });
  fc.assert(fc.property(pauses, (some) => {
    const shadow = new RateLimit({ ...OPTIONS, maxQueued: 1_000, shadow: true });
    const real = new RateLimit({ ...OPTIONS, maxQueued: 1_000 });
    let now = 0;
    for (const pause of some) {
      now += pause;
      real.claim(now, 1, 10_000);
      expect(shadow.claim(now, 1, 10_000)).toMatchObject({ waitMs: 0 });
      expect(shadow.refused).toBe(real.refused);
      expect(shadow.queued).toBe(0);
    }
  }));
});
