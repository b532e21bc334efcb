import { expect, test } from "bun:test";
import fc from "fast-check";
import type { RetryPolicy } from "../../../../src/core/policy.ts";
import { retryDelay, USUAL_BACKOFF } from "../../../../src/engine/retry/retry_delay.ts";

const NOW = Date.UTC(2026, 0, 15);
const LIMITS = { backoff: USUAL_BACKOFF, maxWaitMs: Infinity };

function delay(
  headers: Record<string, string>,
  part: {
    attempts?: number;
    leftMs?: number;
    policy?: RetryPolicy;
    random?: number;
    most?: number;
  } = {},
): number | undefined {
  const { attempts = 1, leftMs = 60_000, policy, random = 0.5, most = Infinity } = part;
  return retryDelay(
    { attempts, headers: Object.entries(headers), leftMs },
    policy,
    { ...LIMITS, maxWaitMs: most },
    NOW,
    () => random,
  );
}

test("the bound doubles from 100 ms to 10 s", () => {
  const waits = [1, 2, 3, 7, 8, 20, 2_000].map((attempts) => delay({}, { attempts, random: 1 }));
  expect(waits).toEqual([100, 200, 400, 6_400, 10_000, 10_000, 10_000]);
});

test("a malformed or negative Retry-After is ignored", () => {
  for (const value of ["-1", "soon", "", "1e9"]) expect(delay({ "retry-after": value })).toBe(50);
});

test("declared sources: the first header that can be read", () => {
  const policy: RetryPolicy = {
    wait: [
      { kind: "header", header: "x-wait", as: ["ms"] },
      { kind: "header", header: "x-reset", as: ["duration"] },
      { kind: "backoff", baseMs: 10, maxMs: 20 },
    ],
  };
  expect(delay({ "x-wait": "700", "x-reset": "1s" }, { policy })).toBe(705);
  expect(delay({ "x-wait": "?", "x-reset": "1s" }, { policy })).toBe(1_005);
  expect(delay({}, { policy })).toBe(5);
  expect(delay({}, { policy, attempts: 9 })).toBe(10);
  expect(delay({ "x-wait": "700", "retry-after": "2" }, { policy })).toBe(2_005);
});

test("a wait beyond what policy or operator allow ends the retries", () => {
  expect(delay({ "retry-after": "10" }, { policy: { maxWaitMs: 10_000 } })).toBe(10_050);
  expect(delay({ "retry-after": "10" }, { policy: { maxWaitMs: 9_999 } })).toBeUndefined();
  expect(delay({ "retry-after": "10" }, { most: 9_999 })).toBeUndefined();
});

test("never earlier than Retry-After, never past the deadline, else no retry", () => {
  const asked = fc.option(fc.nat(100_000));
  const left = fc.integer({ min: 1, max: 100_000 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      asked,
      left,
      fc.integer({ min: 1, max: 30 }),
      random,
      (wait, leftMs, attempts, r) => {
        const headers = wait === null ? {} : { "retry-after-ms": String(wait) };
        const ms = delay(headers, { attempts, leftMs, random: r });
        const whole = (wait ?? 0) + r * Math.min(10_000, 100 * 2 ** (attempts - 1));
        if (whole >= leftMs) return expect(ms).toBeUndefined();
        expect(ms).toBeGreaterThanOrEqual(wait ?? 0);
        expect(ms).toBeLessThan(leftMs);
        expect(ms).toBeLessThanOrEqual((wait ?? 0) + 10_000);
      },
    ),
  );
});
