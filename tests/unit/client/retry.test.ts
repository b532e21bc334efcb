import { describe, expect, test } from "bun:test";
import { RetryHelper, retryWithBackoff, sleep } from "../../../src/client/mod.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { FakeClock, settled } from "../transport/helpers.ts";
import { failure } from "./helpers.ts";

function error(errorClass: ErrorClass, retryAfterMs?: number): ConnectorError {
  return new ConnectorError({ errorClass, code: "x", message: "m", retryAfterMs });
}

/** Runs with waits that cost no time, and returns them. */
async function waits(
  failures: unknown[],
  options = {},
): Promise<{ waits: number[]; outcome: unknown; calls: number }> {
  const clock = new FakeClock();
  const run = { waits: [] as number[], outcome: undefined as unknown, calls: 0, over: false };
  void retryWithBackoff(() => {
    const failed = failures[run.calls++];
    return failed === undefined ? Promise.resolve("done") : Promise.reject(failed);
  }, {
    clock,
    random: () => 0.5,
    onRetry: (_: unknown, __: number, ms: number) => run.waits.push(ms),
    ...options,
  })
    .then((value) => run.outcome = value, (thrown: unknown) => run.outcome = thrown)
    .finally(() => run.over = true);
  while (!run.over) {
    await settled();
    clock.advance(1_000_000);
  }
  return run;
}

describe("retryWithBackoff", () => {
  test("waits a random part of a doubling, capped bound", async () => {
    const failures = Array.from({ length: 6 }, () => error(ErrorClass.Transient));
    const result = await waits(failures, { maxRetries: 6, maxBackoffMs: 5000 });
    expect(result.waits).toEqual([500, 1000, 2000, 2500, 2500, 2500]);
    expect(result.outcome).toBe("done");
  });

  test("gives the last error as it was after maxRetries + 1 attempts", async () => {
    const failures = Array.from({ length: 9 }, () => error(ErrorClass.Timeout));
    const result = await waits(failures);
    expect(result.calls).toBe(4);
    expect(result.outcome).toBe(failures[3]);
  });

  test("maxRetries 0 tries once and throws the error itself", async () => {
    const failed = error(ErrorClass.Transient);
    const result = await waits([failed], { maxRetries: 0 });
    expect(result).toMatchObject({ calls: 1, waits: [] });
    expect(result.outcome).toBe(failed);
  });

  test("does not repeat what is not retryable", async () => {
    for (const errorClass of [ErrorClass.Permanent, ErrorClass.InvalidRequest]) {
      expect((await waits([error(errorClass)])).calls).toBe(1);
    }
    expect((await waits([new Error("bug")])).calls).toBe(1);
  });

  test("takes class names as the other SDKs write them", async () => {
    const names = { retryableErrors: ["RATE_LIMITED", "permanent"] };
    expect((await waits([error(ErrorClass.RateLimited), error(ErrorClass.Permanent)], names)).calls)
      .toBe(3);
    expect((await waits([error(ErrorClass.Transient)], names)).calls).toBe(1);
    expect((await waits([new Error("RateLimited by the API")], names)).calls).toBe(2);
  });

  test("never retries before Retry-After, and gives up if that is beyond the cap", async () => {
    expect((await waits([error(ErrorClass.RateLimited, 7000)])).waits).toEqual([7000]);
    expect((await waits([error(ErrorClass.RateLimited, 30_001)])).calls).toBe(1);
  });

  test("a signal ends the waiting", async () => {
    const controller = new AbortController();
    const work = retryWithBackoff(() => Promise.reject(error(ErrorClass.Transient)), {
      signal: controller.signal,
      initialBackoffMs: 30_000,
      random: () => 0.99,
      onRetry: () => queueMicrotask(() => controller.abort("stop")),
    });
    expect(await failure(work)).toMatchObject({ code: "call.cancelled", cause: "stop" });
    const never = retryWithBackoff(() => Promise.resolve(1), { signal: AbortSignal.abort() });
    expect(await failure(never)).toMatchObject({ code: "call.cancelled" });
  });

  for (
    const options of [
      { maxRetries: -1 },
      { maxRetries: NaN },
      { maxRetries: 1.5 },
      { initialBackoffMs: -1 },
      { maxBackoffMs: Infinity },
      { retryableErrors: ["Tranzient"] },
    ]
  ) {
    test(`refuses ${JSON.stringify(options)}`, async () => {
      let called = false;
      const work = retryWithBackoff(() => Promise.resolve(called = true), options);
      expect(await failure(work)).toMatchObject({ code: "retry.options" });
      expect(called).toBe(false);
    });
  }

  test("RetryHelper.withRetry is the same", async () => {
    expect(await RetryHelper.withRetry(() => Promise.resolve(5))).toBe(5);
    await sleep(1);
  });
});
