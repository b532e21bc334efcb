import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readLimits } from "../../../../src/engine/limits/limit_headers.ts";

const NOW = Date.UTC(2026, 0, 15, 12, 0, 0);
const SECONDS = NOW / 1_000;

function read(headers: Record<string, string | number>, policy?: Parameters<typeof readLimits>[1]) {
  const list = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return readLimits(list, policy, NOW)
    .map(({ name, countsCalls, limit, remaining, resetMs, windowMs }) =>
      [
        name,
        countsCalls ? "calls" : "units",
        `${remaining}/${limit ?? "?"}`,
        resetMs,
        windowMs ?? "?",
      ].join(" ")
    );
}

describe("the RateLimit fields", () => {
  test("draft 11, with several policies", () => {
    expect(read({
      "RateLimit-Policy":
        '"burst";q=100;w=60, "daily";q=1000;w=86400;pk=:dHdvOw==:, "in, a;b";q=5;w=9;qu="content-bytes"',
      "RateLimit": '"burst";r=50;t=30, "daily";r=900;t=4000;pk=:dHdvOw==:, "in, a;b";r=4;t=5',
    })).toEqual([
      "ratelimit burst calls 50/100 30000 60000",
      "ratelimit daily calls 900/1000 4000000 86400000",
      "ratelimit in, a;b units 4/5 5000 9000",
    ]);
  });
  test("without a policy beside it", () => {
    expect(read({ ratelimit: '"default";r=0;t=5' })).toEqual([
      "ratelimit default calls 0/? 5000 ?",
    ]);
  });
  test("the dictionary of earlier drafts", () => {
    expect(
      read({
        "ratelimit": "limit=100, remaining=50, reset=7",
        "ratelimit-policy": "10;w=1, 100;w=60",
      }),
    )
      .toEqual(["ratelimit  calls 50/100 7000 60000"]);
  });
  test("three headers, the earliest drafts", () => {
    expect(
      read({ "RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": 50, "RateLimit-Reset": 7 }),
    )
      .toEqual(["ratelimit  calls 50/100 7000 ?"]);
  });
});

describe("X-RateLimit and its kin", () => {
  const same: readonly [string, Record<string, string | number>][] = [
    ["seconds since 1970", { "X-RateLimit-Remaining": 4, "X-RateLimit-Reset": SECONDS + 9 }],
    ["milliseconds since 1970", { "x-ratelimit-remaining": 4, "x-ratelimit-reset": NOW + 9_000 }],
    ["seconds from now", { "x-ratelimit-remaining": 4, "x-ratelimit-reset": 9 }],
    ["fractions", { "x-ratelimit-remaining": 4, "x-ratelimit-reset-after": "9.0" }],
    ["a duration", { "x-ratelimit-remaining": 4, "x-ratelimit-reset": "9s" }],
    ["a timestamp", { "x-ratelimit-remaining": 4, "x-ratelimit-reset": "2026-01-15T12:00:09Z" }],
  ];
  for (const [name, headers] of same) {
    test(name, () => expect(read(headers)).toEqual(["x-ratelimit  calls 4/? 9000 ?"]));
  }

  test("requests and tokens", () => {
    expect(read({
      "x-ratelimit-limit-requests": 60,
      "x-ratelimit-limit-tokens": 150_000,
      "x-ratelimit-remaining-requests": 59,
      "x-ratelimit-remaining-tokens": 149_984,
      "x-ratelimit-reset-requests": "1s",
      "x-ratelimit-reset-tokens": "6m0s",
    })).toEqual([
      "x-ratelimit requests calls 59/60 1000 ?",
      "x-ratelimit tokens units 149984/150000 360000 ?",
    ]);
  });

  test("the unit before the field, and X-Rate-Limit", () => {
    expect(read({
      "anthropic-ratelimit-input-tokens-limit": 9,
      "anthropic-ratelimit-input-tokens-remaining": 8,
      "anthropic-ratelimit-input-tokens-reset": "2026-01-15T12:01:00Z",
      "x-rate-limit-remaining": 3,
      "x-rate-limit-reset": SECONDS + 60,
    })).toEqual([
      "anthropic-ratelimit input-tokens units 8/9 60000 ?",
      "x-ratelimit  calls 3/? 60000 ?",
    ]);
  });

  test("half a pair is of no use", () => {
    expect(read({ "x-ratelimit-remaining": 3, "x-ratelimit-limit": 9 })).toEqual([]);
    expect(read({ "x-ratelimit-remaining": -3, "x-ratelimit-reset": 9 })).toEqual([]);
    expect(read({ "x-ratelimit-remaining": 3, "x-ratelimit-reset": "later" })).toEqual([]);
  });
});

describe("declared headers", () => {
  const policy = {
    limitHeader: "x-ratelimit-limit",
    remainingHeader: "x-ratelimit-remaining",
    reset: { header: "x-ratelimit-reset", as: ["ms"] },
  } as const;
  test("are read as the spec says, once", () => {
    expect(
      read({ "X-RateLimit-Limit": 9, "X-RateLimit-Remaining": 1, "X-RateLimit-Reset": 50 }, policy),
    )
      .toEqual(["x-ratelimit-remaining calls 1/9 50 ?"]);
  });
  test("may have any name", () => {
    const odd = {
      remainingHeader: "x-tokens-left",
      reset: { header: "x-until", as: ["seconds"] },
    } as const;
    expect(read({ "x-tokens-left": 7, "x-until": 2 }, odd)).toEqual([
      "x-tokens-left units 7/? 2000 ?",
    ]);
  });
  test("others beside them still count", () => {
    expect(read({ "x-ratelimit-remaining-tokens": 7, "x-ratelimit-reset-tokens": "2s" }, policy))
      .toEqual(["x-ratelimit tokens units 7/? 2000 ?"]);
  });
});

test("whatever an API sends, at most eight usable limits come out", () => {
  const name = fc.constantFrom(
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-reset",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    ...Array.from(
      { length: 12 },
      (_, i) => [`x-ratelimit-remaining-${i}`, `x-ratelimit-reset-${i}`],
    ).flat(),
  );
  const value = fc.oneof(
    fc.string(),
    fc.nat().map(String),
    fc.stringMatching(/^("[a-z,;\\"]{0,5}";?r=\d{1,3};t=\d{1,20}[;,"]?){1,3}$/),
  );
  const headers = fc.array(fc.tuple(name, value), { maxLength: 40, size: "max" });
  fc.assert(fc.property(headers, (list) => {
    const found = readLimits(list, undefined, NOW);
    expect(found.length).toBeLessThanOrEqual(8);
    for (const { remaining, resetMs } of found) {
      expect(Number.isSafeInteger(remaining) && remaining >= 0).toBe(true);
      expect(resetMs >= 0 && resetMs < Infinity).toBe(true);
    }
  }));
});
