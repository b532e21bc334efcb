import { expect, test } from "bun:test";
import fc from "fast-check";
import { SlidingSum } from "../../../../src/engine/state/sliding_sum.ts";

test("is the sum of what the last slots hold, after pauses of any length", () => {
  const step = fc.record({
    pause: fc.oneof(fc.nat(50), fc.nat(400), fc.nat(100_000)),
    amount: fc.integer({ min: -9, max: 9 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 100, size: "max" }),
      fc.integer({ min: 1, max: 12 }),
      (steps, slots) => {
        const sum = new SlidingSum(slots, 100);
        const added: { slot: number; amount: number }[] = [];
        let now = 0;
        for (const { pause, amount } of steps) {
          now += pause;
          sum.add(now, amount);
          const slot = Math.floor(now / 100);
          added.push({ slot, amount });
          const expected = added.filter((one) => one.slot > slot - slots)
            .reduce((total, one) => total + one.amount, 0);
          expect(sum.sum(now)).toBe(expected);
        }
      },
    ),
  );
});

test("a clock that steps back adds to the newest slot", () => {
  const sum = new SlidingSum(2, 100);
  sum.add(1_000, 1);
  sum.add(500, 1);
  expect(sum.sum(1_000)).toBe(2);
  expect(sum.sum(1_200)).toBe(0);
});
