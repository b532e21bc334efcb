import { describe, expect, test } from "bun:test";
import { failAfter, moveOnAfter, shield } from "../../../src/concurrency/mod.ts";
import { ErrorClass } from "../../../src/core/errors.ts";
import { fakeClock } from "../../support/clock.ts";
import { never, settle } from "./support.ts";

describe("moveOnAfter", () => {
  test("gives the value, and leaves no timer", async () => {
    const clock = fakeClock();
    expect(await moveOnAfter(10, () => "in time", { clock }))
      .toEqual({ timedOut: false, value: "in time" });
    expect(clock.pending).toBe(0);
  });

  test("says that the time was up, also of work that ignores its signal or makes something of it", async () => {
    const clock = fakeClock();
    let heard: AbortSignal | undefined;
    const deaf = moveOnAfter(10, (signal) => {
      heard = signal;
      return new Promise<never>(() => {});
    }, { clock });
    const late = moveOnAfter(10, (signal) => never(signal).catch(() => "too late"), { clock });
    await settle();
    clock.advance(9);
    expect(heard?.aborted).toBe(false);
    clock.advance(1);
    expect([await deaf, await late]).toEqual([{ timedOut: true }, { timedOut: true }]);
    expect(heard?.reason).toMatchObject({ code: "deadline.exceeded" });
  });

  test("keeps apart failures of the work and a value that looks like one", async () => {
    await expect(moveOnAfter(1000, () => Promise.reject(new Error("mine")))).rejects.toThrow(
      "mine",
    );
    const error = new Error("a value");
    expect(await failAfter(1000, () => error)).toBe(error);
  });

  test("ends with its own signal, in the work as well", async () => {
    const controller = new AbortController();
    let inner: AbortSignal | undefined;
    const waiting = moveOnAfter(1000, (signal) => {
      inner = signal;
      return new Promise<never>(() => {});
    }, { signal: controller.signal });
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    expect(inner?.reason).toBe("enough");
    await expect(failAfter(5, () => 1, { signal: controller.signal })).rejects.toBe("enough");
  });

  test("refuses invalid times", async () => {
    for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(moveOnAfter(ms, () => 1)).rejects.toThrow("give a number above 0");
    }
  });
});

describe("failAfter", () => {
  test("throws a Timeout, of the innermost scope whose time was up", async () => {
    const clock = fakeClock();
    const waiting = failAfter(50, () => failAfter(20, never, { clock }), { clock });
    await settle();
    clock.advance(20);
    const error = await waiting.catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: "deadline.exceeded",
      errorClass: ErrorClass.Timeout,
      sent: "maybe",
      message: "The work did not finish within 20 ms",
    });
    expect(clock.pending).toBe(0);
  });
});

describe("shield", () => {
  test("lets work end that has begun", async () => {
    const controller = new AbortController();
    const result = shield(async (signal) => {
      controller.abort();
      await settle();
      return signal.aborted;
    }, { signal: controller.signal });
    expect(await result).toBe(false);
  });

  test("for a time, if one is given, whenever the abort came", async () => {
    for (const early of [true, false]) {
      const clock = fakeClock();
      const controller = new AbortController();
      if (early) controller.abort("enough");
      const waiting = shield(never, { signal: controller.signal, graceMs: 100, clock });
      if (!early) controller.abort("enough");
      await settle();
      clock.advance(100);
      await expect(waiting).rejects.toBe("enough");
      expect(clock.pending).toBe(0);
    }
    await expect(shield(() => 1, { graceMs: 0 })).rejects.toThrow("graceMs");
  });
});
