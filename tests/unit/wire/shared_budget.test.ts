import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ByteBudget, SharedBudget } from "../../../src/wire/mod.ts";

/** Members of one budget that give everything back when they have to. */
function members(limit: number, count: number) {
  const budget = new SharedBudget(limit);
  const shed: number[] = [];
  const shares = Array.from({ length: count }, (_, index) => {
    const share = budget.join(() => {
      shed.push(index);
      share.close();
    });
    return share;
  });
  return { budget, shares, shed };
}

describe("a shared budget", () => {
  test("gives one that holds less than its part what it needs, from whoever holds most", () => {
    const { budget, shares: [a, b, c], shed } = members(90, 3);
    a!.take(50);
    b!.take(40);
    // More than its part of 30.
    expect(b!.exceededBy(1)).toBe(true);
    expect(shed).toEqual([]);
    expect(c!.exceededBy(20)).toBe(false);
    expect(shed).toEqual([0]);
    expect(budget.held).toBe(40);
  });

  test("asks nobody to give way while there is room, or for what would not be enough", () => {
    const { shares: [a, b], shed } = members(100, 2);
    a!.take(50);
    expect(b!.exceededBy(50)).toBe(false);
    b!.take(50);
    expect(a!.exceededBy(1)).toBe(true);
    expect(b!.exceededBy(1)).toBe(true);
    expect(shed).toEqual([]);
  });

  test("does not ask for ever one that cannot give back", () => {
    const budget = new SharedBudget(10);
    let asked = 0;
    const hog = budget.join(() => asked++);
    const other = budget.join(() => {});
    hog.take(10);
    expect(other.exceededBy(1)).toBe(true);
    expect(asked).toBe(1);
  });

  test("takes back all of a member that leaves, whatever it gives back later", () => {
    const { budget, shares: [a] } = members(100, 2);
    a!.take(60);
    a!.close();
    a!.giveBack(60);
    a!.take(5);
    a!.close();
    expect([budget.held, budget.equalPart]).toEqual([0, 100]);
  });

  test("is never exceeded by members that ask first, and serves whoever holds less than its part", () => {
    const step = fc.record({ who: fc.nat(5), bytes: fc.integer({ min: -40, max: 60 }) });
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { budget, shares, shed } = members(100, 6);
      for (const { who, bytes } of steps) {
        if (shed.includes(who)) continue;
        const share = shares[who]!;
        if (bytes < 0) share.giveBack(Math.min(share.held, -bytes));
        else if (!share.exceededBy(bytes)) share.take(bytes);
        else expect(share.held + bytes).toBeGreaterThan(budget.equalPart - 1e-9);
        expect(budget.held).toBeLessThanOrEqual(100);
        expect(budget.held).toBe(shares.reduce((sum, { held }) => sum + held, 0));
      }
    }));
  });
});

test("the budget of a connection says whose limit it is", () => {
  const { shares: [a, b] } = members(100, 2);
  const budget = new ByteBudget(70, a!);
  budget.take(60);
  expect([budget.exceededBy(10), budget.exceededBy(11)]).toEqual([undefined, "connection"]);
  b!.take(40);
  expect(budget.exceededBy(1)).toBe("process");
  budget.giveBack(60);
  expect([budget.held, a!.held, budget.exceededBy(60)]).toEqual([0, 0, undefined]);
});
