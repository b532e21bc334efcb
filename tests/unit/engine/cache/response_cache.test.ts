import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CallRequest } from "../../../../src/core/call.ts";
import { ResponseCache, type StoredAnswer } from "../../../../src/engine/cache/response_cache.ts";
import { callTo } from "../support.ts";

const DATE = Date.UTC(2026, 0, 15);
const URL = "https://a.example/";

type Headers = Record<string, string>;

function get(headers: Headers = {}, part: Partial<CallRequest> = {}): CallRequest {
  return callTo(URL, { headers: Object.entries(headers), ...part });
}

function answer(headers: Headers, text = "body", status = 200): StoredAnswer {
  return { status, headers: Object.entries(headers), body: new TextEncoder().encode(text) };
}

function at(now: number) {
  return { sentAt: now, receivedAt: now, date: DATE + now };
}

/** Stores one answer at 0 and says what is found at `now`. */
function found(
  headers: Headers,
  now: number,
  { first = get(), second = get(), status = 200 } = {},
): string {
  const cache = new ResponseCache();
  cache.store(first, answer(headers, "body", status), at(0));
  const lookup = cache.find(second, now);
  if (lookup === undefined) return "nothing";
  return lookup.kind === "fresh"
    ? `fresh, age ${lookup.age}`
    : `stale, ${lookup.validators.join("; ")}`;
}

describe("how long", () => {
  const rows: readonly [string, Headers, number, string][] = [
    ["max-age", { "cache-control": "max-age=10" }, 9_999, "fresh, age 9"],
    ["until it is over", { "cache-control": "max-age=10" }, 10_000, "nothing"],
    [
      "s-maxage is for shared caches",
      { "cache-control": "s-maxage=99, max-age=10" },
      10_000,
      "nothing",
    ],
    ["private is meant for us", { "Cache-Control": "private, max-age=10" }, 1, "fresh, age 0"],
    ["an age on arrival", { "cache-control": "max-age=10", "age": "8" }, 1_999, "fresh, age 9"],
    ["an age beyond the lifetime", { "cache-control": "max-age=10", "age": "11" }, 0, "nothing"],
    [
      "a Date that is old",
      { "cache-control": "max-age=10", "date": new Date(DATE - 9_000).toUTCString() },
      1_000,
      "nothing",
    ],
    ["Expires", { expires: new Date(DATE + 5_000).toUTCString() }, 4_999, "fresh, age 4"],
    [
      "max-age wins over Expires",
      { "cache-control": "max-age=1", "expires": new Date(DATE + 9_000).toUTCString() },
      1_000,
      "nothing",
    ],
    [
      "no word: not at all",
      { "last-modified": new Date(DATE - 1e9).toUTCString() },
      1,
      `stale, if-modified-since,${new Date(DATE - 1e9).toUTCString()}`,
    ],
    [
      "an unreadable max-age is none",
      { "cache-control": "max-age=soon", "etag": '"1"' },
      0,
      'stale, if-none-match,"1"',
    ],
    ["of two the shorter", { "cache-control": "max-age=1, max-age=99" }, 1_000, "nothing"],
    [
      "no-cache asks each time",
      { "cache-control": "no-cache, max-age=10", "etag": '"1"' },
      0,
      'stale, if-none-match,"1"',
    ],
    ["no-store", { "cache-control": "max-age=10, no-store" }, 0, "nothing"],
    [
      "quotes hide nothing",
      { "cache-control": 'private="a, no-store", max-age=10' },
      0,
      "fresh, age 0",
    ],
    [
      "a cookie is for one caller",
      { "cache-control": "max-age=10", "set-cookie": "s=1" },
      0,
      "nothing",
    ],
    ["Vary: *", { "cache-control": "max-age=10", "vary": "accept, *" }, 0, "nothing"],
  ];
  for (const [name, headers, now, expected] of rows) {
    test(name, () => expect(found(headers, now)).toBe(expected));
  }
  for (const status of [201, 204, 206, 302, 429, 500, 503]) {
    test(`${status} is not kept`, () => {
      expect(found({ "cache-control": "max-age=10" }, 0, { status })).toBe("nothing");
    });
  }
});

describe("for whom", () => {
  const kept = { "cache-control": "max-age=10" };
  const fresh = "fresh, age 0";
  test("one tenant and connector", () => {
    expect(found(kept, 0, { second: get({}, { tenantId: "u" }) })).toBe("nothing");
    expect(found(kept, 0, { second: get({}, { connector: "other" }) })).toBe("nothing");
  });
  test("the same credentials, whatever Vary says", () => {
    const mine = get({ Authorization: "Bearer a" });
    expect(found(kept, 0, { first: mine, second: get({ authorization: "Bearer a" }) })).toBe(fresh);
    expect(found(kept, 0, { first: mine, second: get({ authorization: "Bearer b" }) })).toBe(
      "nothing",
    );
    expect(found(kept, 0, { first: mine })).toBe("nothing");
    expect(found(kept, 0, { second: mine })).toBe("nothing");
  });
  test("a header that either request calls a secret", () => {
    const policy = { secretHeaders: ["x-mine"] };
    const secret = get({ "x-mine": "a" }, { policy });
    expect(found(kept, 0, { second: secret })).toBe("nothing");
    expect(found(kept, 0, { first: secret, second: get({ "x-mine": "b" }) })).toBe("nothing");
    expect(found(kept, 0, { first: secret, second: secret })).toBe(fresh);
  });
  test("what Vary names, on all its lines", () => {
    const vary = { ...kept, "Vary": "Accept", "vary": "x-b" };
    const first = get({ accept: "a", "x-b": "b" });
    expect(found(vary, 0, { first, second: get({ accept: "a", "x-b": "b", "x-c": "c" }) })).toBe(
      fresh,
    );
    expect(found(vary, 0, { first, second: get({ accept: "a" }) })).toBe("nothing");
    expect(found(vary, 0, { first, second: get({ accept: "b", "x-b": "b" }) })).toBe("nothing");
  });
});

describe("what the request asks", () => {
  const kept = { "cache-control": "max-age=10", "etag": '"1"' };
  const stale = 'stale, if-none-match,"1"';
  const asked = (value: string, now = 5_000) =>
    found(kept, now, { second: get({ "cache-control": value }) });
  test("nothing stored, a new answer, a young answer", () => {
    expect(asked("no-store")).toBe("nothing");
    expect(asked("no-cache")).toBe(stale);
    expect(asked("max-age=5")).toBe(stale);
    expect(asked("max-age=6")).toBe("fresh, age 5");
  });
  test("conditions and ranges of its own pass by", () => {
    for (const name of ["If-None-Match", "Range", "if-modified-since"]) {
      expect(found(kept, 0, { second: get({ [name]: "x" }) })).toBe("nothing");
      expect(found(kept, 0, { first: get({ [name]: "x" }) })).toBe("nothing");
    }
  });
  test("GET alone", () => {
    expect(found(kept, 0, { first: get({}, { method: "POST" }) })).toBe("nothing");
    expect(found(kept, 0, { second: get({}, { method: "HEAD" }) })).toBe("nothing");
  });
});

test("a 304 makes it fresh again and keeps the body", () => {
  const cache = new ResponseCache();
  cache.store(
    get(),
    answer({ "content-type": "a/b", "age": "1", "etag": '"1"', "x-old": "o", "x-both": "o" }),
    at(0),
  );
  const lookup = cache.find(get(), 0);
  if (lookup?.kind !== "stale") throw new Error("not stale");
  const headers = Object.entries({
    "Cache-Control": "max-age=10",
    "content-type": "c/d",
    "x-both": "n",
  });
  const renewed = cache.renew(lookup.stored, headers, at(60_000));
  expect(Object.fromEntries(renewed.headers)).toEqual({
    "content-type": "a/b",
    "etag": '"1"',
    "x-old": "o",
    "Cache-Control": "max-age=10",
    "x-both": "n",
  });
  expect(cache.find(get(), 65_000)).toMatchObject({ kind: "fresh", age: 5 });
});

test("a later answer takes the place of an earlier one, and a write that of all", () => {
  const cache = new ResponseCache();
  const kept = { "cache-control": "max-age=10" };
  cache.store(get(), answer(kept, "1"), at(0));
  cache.store(get(), answer(kept, "22"), at(0));
  cache.store(get({ authorization: "a" }), answer(kept, "333"), at(0));
  expect(cache.find(get(), 0)).toMatchObject({ answer: { body: new TextEncoder().encode("22") } });
  cache.store(get(), answer({ "cache-control": "no-store" }), at(0));
  expect(cache.find(get(), 0)).toBeUndefined();
  cache.invalidate(get({}, { method: "POST", connector: "other" }));
  expect(cache.find(get({ authorization: "a" }), 0)).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

test("bounded, and never another's or an old answer", () => {
  const bounds = { answerBytes: 300, bytesPerTenant: 18_000, bytes: 30_000 };
  const step = fc.record({
    tenant: fc.constantFrom("t", "u"),
    url: fc.constantFrom("https://a.example/1", "https://a.example/2"),
    token: fc.constantFrom("a", "b", "c"),
    size: fc.nat(200),
    pause: fc.nat(4_000),
    does: fc.constantFrom("store", "store", "find", "find", "find", "write"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 100, size: "max" }), (steps) => {
    const cache = new ResponseCache(bounds);
    const latest = new Map<string, { stored: StoredAnswer; now: number }>();
    const wrong: string[] = [];
    let now = 0;
    for (const { tenant, url, token, size, pause, does } of steps) {
      now += pause;
      const request = callTo(url, { tenantId: tenant, headers: [["authorization", token]] });
      const key = `${tenant} ${url} ${token}`;
      if (does === "store") {
        const stored = answer({ "cache-control": "max-age=10" }, "x".repeat(size));
        cache.store(request, stored, at(now));
        latest.set(key, { stored, now });
      } else if (does === "write") {
        cache.invalidate({ ...request, method: "PUT" });
        for (const other of latest.keys()) {
          if (other.startsWith(`${tenant} ${url}`)) latest.delete(other);
        }
      } else {
        const lookup = cache.find(request, now);
        const last = latest.get(key);
        if (lookup === undefined) continue;
        if (lookup.kind === "stale" || lookup.answer !== last?.stored) wrong.push(key);
        else if (now - last.now >= 10_000) wrong.push(`${key} is old`);
      }
      if (cache.bytes > bounds.bytes) wrong.push(`${cache.bytes} bytes`);
    }
    expect(wrong).toEqual([]);
  }));
});

test("what was used last stays longest", () => {
  const cache = new ResponseCache({ answerBytes: 400, bytesPerTenant: 9_000, bytes: 99_999 });
  const big = answer({ "cache-control": "max-age=10" }, "x".repeat(130));
  const page = (n: number) => callTo(`https://a.example/${n}`);
  for (const n of [1, 2]) cache.store(page(n), big, at(0));
  cache.find(page(1), 0);
  cache.store(page(3), big, at(0));
  expect([1, 2, 3].map((n) => cache.find(page(n), 0) !== undefined)).toEqual([true, false, true]);
});

test("an answer counts with what it takes besides its body: tenants without end do not fill the memory", () => {
  const cache = new ResponseCache({ answerBytes: 400, bytesPerTenant: 100_000, bytes: 400_000 });
  const small = answer({ "cache-control": "max-age=10" }, "x");
  const of = (n: number) => callTo("https://a.example/", { tenantId: `${n}` });
  for (let n = 0; n < 1_000; n++) cache.store(of(n), small, at(0));
  const kept = Array.from({ length: 1_000 }, (_, n) => cache.find(of(n), 0)).filter(Boolean);
  // Measured: 3,600 bytes each.
  expect(kept.length).toBeLessThan(400_000 / 3_600);
  expect(kept.length).toBeGreaterThan(50);
});
