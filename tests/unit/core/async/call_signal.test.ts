import { describe, expect, test } from "bun:test";
import { CallAbort, nativeSignal } from "../../../../src/core/async/call_signal.ts";

describe("a call's own AbortController", () => {
  test("calls its listeners once, in order, with the first reason", () => {
    const abort = new CallAbort();
    const seen: string[] = [];
    const second = (): void => void seen.push(`second, ${String(abort.reason)}`);
    const third = { handleEvent: () => void seen.push("third") };
    const removed = (): void => void seen.push("removed");
    abort.addEventListener("abort", () => seen.push("first"));
    for (const listener of [second, third, removed, second]) {
      abort.addEventListener("abort", listener);
    }
    abort.removeEventListener("abort", removed);
    abort.throwIfAborted();
    abort.abort("why");
    abort.abort("again");
    abort.addEventListener("abort", () => seen.push("too late"));
    expect(seen).toEqual(["first", "second, why", "third"]);
    expect(abort).toMatchObject({ aborted: true, reason: "why" });
    expect(() => abort.throwIfAborted()).toThrow("why");
  });

  test("keeps no listener that was taken away", () => {
    const abort = new CallAbort();
    let calls = 0;
    const listener = (): void => void calls++;
    abort.addEventListener("abort", listener);
    abort.removeEventListener("abort", listener);
    abort.abort("why");
    expect(calls).toBe(0);
  });

  test("makes a signal of the platform for whoever needs one, before and after the abort", () => {
    const before = new CallAbort();
    const signal = nativeSignal(before);
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(nativeSignal(before)).toBe(signal);
    const reason = new Error("why");
    before.abort(reason);
    expect(signal.reason).toBe(reason);
    const after = new CallAbort();
    after.abort(reason);
    expect(nativeSignal(after).reason).toBe(reason);
    const own = new AbortController().signal;
    expect(nativeSignal(own)).toBe(own);
  });
});
