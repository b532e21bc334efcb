import { describe, expect, test } from "bun:test";
import { Soon } from "../../../../src/core/async/soon.ts";

describe("a promise that does not wait for the microtask queue", () => {
  test("calls back in the turn in which it is settled, in order, along its whole chain", () => {
    const seen: unknown[] = [];
    const soon = new Soon<number>();
    soon.then((value) => value + 1).then((value) => seen.push(value));
    soon.then((value) => seen.push(value));
    soon.then((value) => seen.push(-value));
    soon.resolve(1);
    expect(seen).toEqual([2, 1, -1]);
    soon.then((value) => seen.push(value * 10));
    expect(seen).toEqual([2, 1, -1, 10]);
  });

  test("is settled once", () => {
    const seen: unknown[] = [];
    const soon = new Soon<number>();
    soon.then((value) => seen.push(value), (error: unknown) => seen.push(error));
    soon.reject("no");
    soon.resolve(1);
    soon.reject("again");
    expect(seen).toEqual(["no"]);
  });

  test("passes on what a callback throws, and what nobody handles, as promises do", async () => {
    const thrown = new Soon<number>();
    const after = thrown.then(() => {
      throw new Error("in the callback");
    });
    const passed = after.then(() => "not reached").then(
      undefined,
      (error: unknown) => (error as Error).message,
    );
    thrown.resolve(1);
    expect(await passed).toBe("in the callback");
    expect(await Soon.rejected("why").then(() => "not reached").then(null, String)).toBe("why");
  });

  test("waits for a promise that a callback returns, whoever made it", async () => {
    const first = new Soon<number>();
    const second = new Soon<number>();
    const both = first.then((value) => second.then((other) => value + other))
      .then((sum) => Promise.resolve(sum * 2));
    second.resolve(2);
    first.resolve(1);
    expect(await both).toBe(6);
    expect(await Promise.resolve(Soon.rejected("no")).catch((error: unknown) => error)).toBe("no");
  });
});
