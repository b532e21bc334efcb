import { describe, expect, test } from "bun:test";
import { createTimers } from "../../../src/engine/timers.ts";
import { fakeClock } from "../../support/clock.ts";

function fixture() {
  const clock = fakeClock();
  const fired: string[] = [];
  const timers = createTimers(clock);
  return {
    clock,
    fired,
    after: (ms: number, name: string) => timers.after(ms, () => fired.push(name)),
  };
}

describe("timers", () => {
  test("fire once, in order, not early", () => {
    const { clock, fired, after } = fixture();
    after(100, "a");
    clock.advance(40);
    after(100, "b");
    after(50, "c");
    clock.advance(49);
    expect(fired).toEqual([]);
    clock.advance(1);
    expect(fired).toEqual(["c"]);
    clock.advance(10);
    expect(fired).toEqual(["c", "a"]);
    clock.advance(39);
    expect(fired).toEqual(["c", "a"]);
    clock.advance(1);
    expect(fired).toEqual(["c", "a", "b"]);
    clock.advance(1_000);
    expect(fired).toHaveLength(3);
  });

  test("cancelled ones do not, wherever they are in the list", () => {
    const { clock, fired, after } = fixture();
    const [a, , c, , e] = ["a", "b", "c", "d", "e"].map((name) => after(100, name));
    a?.cancel();
    c?.cancel();
    e?.cancel();
    e?.cancel();
    clock.advance(100);
    expect(fired).toEqual(["b", "d"]);
  });

  test("a renewed one starts anew", () => {
    const { clock, fired, after } = fixture();
    const a = after(100, "a");
    after(100, "b");
    clock.advance(99);
    a.renew();
    clock.advance(99);
    expect(fired).toEqual(["b"]);
    clock.advance(1);
    expect(fired).toEqual(["b", "a"]);
    a.renew();
    clock.advance(100);
    expect(fired).toEqual(["b", "a", "a"]);
  });

  test("one runtime timer a length of time, none left behind", () => {
    const { clock, after } = fixture();
    const all = Array.from({ length: 1_000 }, (_, i) => after(100, String(i)));
    expect(clock.pending).toBe(1);
    for (const timeout of all) timeout.cancel();
    clock.advance(100);
    expect(clock.pending).toBe(0);
  });

  test("one that adds another of the same length while it fires", () => {
    const { clock, fired, after } = fixture();
    const clocked = createTimers(clock);
    clocked.after(10, () => {
      fired.push("first");
      clocked.after(10, () => fired.push("second"));
    });
    after(10, "other");
    clock.advance(20);
    expect(fired).toEqual(["first", "other", "second"]);
  });

  test("parts of a millisecond are rounded up, zero is one", () => {
    const { clock, fired, after } = fixture();
    after(0, "a");
    after(1.2, "b");
    clock.advance(1);
    expect(fired).toEqual(["a"]);
    clock.advance(1);
    expect(fired).toEqual(["a", "b"]);
  });
});
