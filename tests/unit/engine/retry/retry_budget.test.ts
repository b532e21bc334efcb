import { expect, test } from "bun:test";
import fc from "fast-check";
import { RetryBudget } from "../../../../src/engine/retry/retry_budget.ts";

test("a thousand calls that fail at once: a fifth and thirty are repeated", () => {
  const budget = new RetryBudget();
  for (let i = 0; i < 1_000; i++) budget.deposit(0);
  let retries = 0;
  while (budget.withdraw(0)) retries++;
  expect(retries).toBe(230);
  expect(budget.withdraw(9_999)).toBe(false);
  expect(budget.left(10_000)).toBe(30);
});

test("in any ten seconds at most a share of the calls and the fixed part", () => {
  const step = fc.record({ pause: fc.nat(800), retry: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
    const budget = new RetryBudget({ share: 0.2, perSecond: 0.4 });
    const calls: number[] = [];
    const retries: number[] = [];
    let now = 0;
    for (const { pause, retry } of steps) {
      now += pause;
      // The slots that still count.
      const from = (Math.floor(now / 1_000) - 9) * 1_000;
      const since = (times: number[]) => times.filter((at) => at >= from).length;
      if (!retry) {
        budget.deposit(now);
        calls.push(now);
        continue;
      }
      const may = 4 + 0.2 * since(calls) - since(retries) >= 1 - 1e-9;
      expect(budget.withdraw(now)).toBe(may);
      if (may) retries.push(now);
    }
  }));
});

test("a share of nothing and nothing a second: no retries", () => {
  const budget = new RetryBudget({ share: 0, perSecond: 0 });
  for (let i = 0; i < 100; i++) budget.deposit(i);
  expect(budget.withdraw(100)).toBe(false);
});
