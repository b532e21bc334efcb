import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  periodOf,
  readSchedule,
  reserve,
  UNUSED,
  users,
  writeSchedule,
} from "../../../../src/engine/leases/schedule.ts";
import { Stock } from "../../../../src/engine/leases/stock.ts";

test("leases never overlap, and in any time no more comes due than the burst and the rate give", () => {
  const asks = fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 400 }),
      wanted: fc.integer({ min: 1, max: 50 }),
      least: fc.integer({ min: 1, max: 8 }),
      skew: fc.integer({ min: -100, max: 100 }),
    }),
    { minLength: 1, maxLength: 60 },
  );
  const rates = fc.record({
    units: fc.integer({ min: 1, max: 200 }),
    perMs: fc.constantFrom(1_000, 60_000),
    burst: fc.integer({ min: 1, max: 100 }),
  });
  let leased = 0;
  fc.assert(
    fc.property(asks, rates, (steps, rate) => {
      let now = 1_700_000_000_000;
      let schedule = UNUSED;
      let end = 0;
      const unitMs = rate.perMs / rate.units;
      for (const { after, wanted, least, skew } of steps) {
        now += after;
        const seen = now + skew;
        const got = reserve(schedule, rate, seen, { wanted, least, counted: -1 });
        expect(readSchedule(writeSchedule(got.schedule))).toEqual(got.schedule);
        if (got.lease === undefined) {
          expect(got.againMs).toBeGreaterThan(0);
          expect(got.schedule).toBe(schedule);
          continue;
        }
        leased++;
        const { start, units } = got.lease;
        expect(units).toBeGreaterThanOrEqual(Math.min(least, units));
        expect(start).toBeGreaterThanOrEqual(end);
        expect(start).toBeGreaterThanOrEqual(seen);
        end = start + units * unitMs;
        expect(got.schedule.earnedAt).toBeCloseTo(end, 3);
        schedule = got.schedule;
      }
    }),
    { numRuns: 100 },
  );
  expect(leased).toBeGreaterThan(200);
});

test("who takes part is counted once a period", () => {
  const rate = { units: 100, perMs: 1_000, burst: 1 };
  const now = 1_000_000;
  const ask = (from: typeof UNUSED, at: number, counted: number) =>
    reserve(from, rate, at, { wanted: 1, least: 1, counted }).schedule;
  const one = ask(UNUSED, now, -1);
  const again = ask(one, now + 10, periodOf(now));
  const two = ask(again, now + 20, -1);
  expect([one, again, two].map(users)).toEqual([1, 1, 2]);
  const later = ask(two, now + 2_000, -1);
  expect(users(later)).toBe(2);
  expect(users(ask(later, now + 6_000, -1))).toBe(1);
});

test("a stored value that is not ours counts as none", () => {
  for (const text of [undefined, "", "{}", "[1,2]", '["a",1,2,3]', "[1,2,3,null]"]) {
    expect(readSchedule(text)).toBe(UNUSED);
  }
});

test("units become usable one after the other, lapse, and debts are paid first", () => {
  const stock = new Stock(10, 20);
  expect(stock.waitMs(0, 1, 0)).toBeUndefined();
  stock.add(0, 0, 4);
  // A burst of two: the first two at once, then one every 10 ms.
  expect([1, 2, 3, 4, 5].map((units) => stock.waitMs(0, 1, units - 1))).toEqual([
    0,
    0,
    10,
    20,
    undefined,
  ]);
  stock.take(0, 3);
  expect(stock.units(0)).toBe(1);
  stock.take(0, 2);
  expect(stock.units(0)).toBe(-1);
  stock.add(0, 40, 3);
  expect(stock.units(0)).toBe(2);
  expect(stock.expire(100, 200)).toBe(false);
  expect(stock.expire(400, 200)).toBe(true);
  expect(stock.units(400)).toBe(0);
  stock.giveBack(400, 2, 100);
  expect(stock.waitMs(450, 1, 1)).toBe(0);
  expect(stock.waitMs(501, 1, 0)).toBeUndefined();
});
