import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { WaitFormat } from "../../../src/core/policy.ts";
import { headerTime } from "../../../src/http/header_time.ts";
import { retryAfterMs } from "../../../src/http/retry_after.ts";

const NOW = Date.UTC(2026, 0, 15, 12, 0, 0);

describe("headerTime", () => {
  const readable: readonly [string, WaitFormat, number][] = [
    ["250", "ms", 250],
    [" 1.5 ", "seconds", 1_500],
    ["Thu, 15 Jan 2026 12:00:07 GMT", "http-date", 7_000],
    ["Thursday, 15-Jan-26 12:00:07 GMT", "http-date", 7_000],
    ["Thu Jan 15 12:00:07 2026", "http-date", 7_000],
    ["2026-01-15T12:00:07Z", "http-date", 7_000],
    ["Thu, 15 Jan 2026 11:00:00 GMT", "http-date", 0],
    ["1m30s", "duration", 90_000],
    ["6m0s", "duration", 360_000],
    ["6ms", "duration", 6],
    ["1.5h", "duration", 5_400_000],
    ["1d2h", "duration", 93_600_000],
    [String(NOW / 1_000 + 3), "unix", 3_000],
    [String(NOW / 1_000 - 3), "unix", 0],
    [String(NOW + 3), "unix-ms", 3],
  ];
  for (const [text, format, ms] of readable) {
    test(`${text} as ${format} is ${ms} ms`, () =>
      expect(headerTime(text, [format], NOW)).toBe(ms));
  }

  for (
    const text of ["", "-1", "+1", "1e3", "soon", "later 1", "0x10", "1,2", "-5", "9".repeat(400)]
  ) {
    test(`${text.slice(0, 20) || "nothing"} is ignored`, () => {
      expect(headerTime(text, ["ms", "seconds", "http-date", "unix", "unix-ms"], NOW))
        .toBeUndefined();
    });
  }

  test("a duration needs units", () => {
    for (const text of ["", "5", "m", "1m30", "1x", "-1s"]) {
      expect(headerTime(text, ["duration"], NOW)).toBeUndefined();
    }
  });

  test("the first format that reads it wins", () => {
    expect(headerTime("5", ["http-date", "seconds", "ms"], NOW)).toBe(5_000);
  });

  test("nothing that an API sends gives a negative time or an error", () => {
    const formats: WaitFormat[] = ["duration", "http-date", "unix-ms", "unix", "seconds", "ms"];
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^-?\d{1,25}(\.\d{0,9})?(ms|s|m|h|d)?$/),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(fc.property(text, fc.subarray(formats), (value, some) => {
      const ms = headerTime(value, some, NOW);
      expect(ms === undefined || (ms >= 0 && ms < Infinity)).toBe(true);
    }));
  });
});

describe("retryAfterMs", () => {
  test("milliseconds are more exact than seconds", () => {
    expect(retryAfterMs([["Retry-After", "2"], ["retry-after-ms", "1500"]], NOW)).toBe(1_500);
  });
  test("malformed milliseconds leave the seconds", () => {
    expect(retryAfterMs([["retry-after-ms", "-4"], ["Retry-After", "2"]], NOW)).toBe(2_000);
  });
});
