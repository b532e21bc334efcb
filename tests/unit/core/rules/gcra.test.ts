import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Gcra } from "../../../../src/core/rules/gcra.ts";

/** Takes when nothing has to be waited for. */
function tryTake(gcra: Gcra, now: number, cost = 1): boolean {
  if (gcra.waitMs(now, cost) > 0) return false;
  gcra.take(now, cost);
  return true;
}

describe("rate and burst", () => {
  test("a burst at once, then one at a time", () => {
    const gcra = new Gcra({ units: 10, perMs: 1_000, burst: 3 });
    expect([1, 2, 3, 4].map(() => tryTake(gcra, 0))).toEqual([true, true, true, false]);
    expect(gcra.waitMs(0, 1)).toBe(100);
    expect(gcra.waitMs(0, 2)).toBe(200);
    expect(tryTake(gcra, 99)).toBe(false);
    expect(tryTake(gcra, 100)).toBe(true);
    expect(tryTake(gcra, 100)).toBe(false);
  });

  test("no window has a boundary through which twice the limit fits", () => {
    const gcra = new Gcra({ units: 100, perMs: 60_000, burst: 100 });
    let passed = 0;
    for (let now = 59_000; now < 61_000; now += 10) if (tryTake(gcra, now)) passed++;
    expect(passed).toBeLessThanOrEqual(104);
  });

  test("an idle day saves up no more than the burst", () => {
    const gcra = new Gcra({ units: 10, perMs: 1_000, burst: 3 });
    expect(gcra.available(86_400_000)).toBe(3);
  });

  test("what costs more than the burst waits for the whole of it and is paid off afterwards", () => {
    const gcra = new Gcra({ units: 10, perMs: 1_000, burst: 5 });
    gcra.take(0, 1);
    expect(gcra.waitMs(0, 20)).toBe(100);
    gcra.take(100, 20);
    expect(gcra.waitMs(100, 1)).toBe(1_600);
  });

  test("those who wait are let through one after the other", () => {
    const gcra = new Gcra({ units: 10, perMs: 1_000, burst: 1 });
    const waits = [1, 2, 3].map(() => {
      const wait = gcra.waitMs(0, 1);
      gcra.take(0, 1);
      return wait;
    });
    expect(waits).toEqual([0, 100, 200]);
  });
});

describe("giving back", () => {
  test("a call that was not made costs nothing", () => {
    const gcra = new Gcra({ units: 10, perMs: 1_000, burst: 2 });
    const mark = gcra.take(0, 2);
    expect(gcra.available(0)).toBe(0);
    gcra.giveBack(0, 2, mark);
    expect(gcra.available(0)).toBe(2);
  });

  test("a guess is corrected when the cost is known, in both directions", () => {
    const gcra = new Gcra({ units: 1_000, perMs: 60_000, burst: 1_000 });
    const mark = gcra.take(0, 900);
    gcra.giveBack(5_000, 700, mark);
    expect(gcra.available(5_000)).toBeCloseTo(883.33, 1);
    gcra.take(5_000, 2_000);
    expect(gcra.available(5_000)).toBe(0);
    expect(gcra.waitMs(5_000, 1)).toBeGreaterThan(60_000);
  });

  test("units that were earned back anyway are not given back twice", () => {
    const gcra = new Gcra({ units: 10, perMs: 1_000, burst: 1 });
    const mark = gcra.take(0, 1);
    gcra.take(900, 1);
    gcra.giveBack(950, 1, mark);
    expect(gcra.available(950)).toBeLessThanOrEqual(0.51);
  });
});

interface Taken {
  at: number;
  cost: number;
  mark: number;
}

test("whatever is taken and given back: never more than the burst plus the rate", () => {
  const step = fc.record({
    pause: fc.nat(400),
    cost: fc.integer({ min: 1, max: 4 }),
    /** Which of those taken is given back, if any, and how much of it. */
    back: fc.option(fc.record({ which: fc.nat(20), part: fc.integer({ min: 1, max: 4 }) })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const rate = { units: 10, perMs: 1_000, burst: 4 };
      const gcra = new Gcra(rate);
      const all: Taken[] = [];
      let now = 0;
      let excess = 0;
      for (const { pause, cost, back } of steps) {
        now += pause;
        if (gcra.waitMs(now, cost) === 0) {
          all.push({ at: now, cost, mark: gcra.take(now, cost) });
        }
        const taken = back === null ? undefined : all[all.length - 1 - back.which];
        if (taken !== undefined && back !== null) {
          const part = Math.min(back.part, taken.cost);
          gcra.giveBack(now, part, taken.mark);
          taken.cost -= part;
        }
        // Replayed with what was really spent, from the first call on, a bucket would be no emptier than this one says.
        let earnedAt = 0;
        for (const one of all) {
          if (one.cost > 0) earnedAt = Math.max(earnedAt, one.at) + one.cost * 100;
        }
        const truth = Math.min(4, 4 - (earnedAt - now) / 100);
        excess = Math.max(excess, gcra.available(now) - Math.max(0, truth));
      }
      // And in every stretch of time what was spent stays within the promise.
      for (let from = 0; from < all.length; from++) {
        let spent = 0;
        for (let to = from; to < all.length; to++) {
          spent += all[to]!.cost;
          excess = Math.max(excess, spent - 4 - (all[to]!.at - all[from]!.at) / 100);
        }
      }
      expect(excess).toBeLessThan(1e-6);
    }),
    { numRuns: 300 },
  );
});
