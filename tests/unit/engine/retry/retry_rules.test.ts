import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CallPolicy, CallRequest } from "../../../../src/core/call.ts";
import { ConnectorError, ErrorClass, type Origin, type Sent } from "../../../../src/core/errors.ts";
import type { RetryCondition, RetryPolicy } from "../../../../src/core/policy.ts";
import {
  type Attempt,
  isRepeatable,
  mayRetry,
  mostAttempts,
  type RetryLimits,
} from "../../../../src/engine/retry/retry_rules.ts";
import { callTo } from "../support.ts";

function failed(
  code: string,
  errorClass: ErrorClass = ErrorClass.Transient,
  sent: Sent = "maybe",
  origin: Origin = "upstream",
): Attempt {
  return { error: new ConnectorError({ errorClass, code, message: code, sent, origin }) };
}

const REFUSED = failed("connect.refused", ErrorClass.Transient, "no");
const RESET = failed("upstream.reset");
const SLOW = failed("timeout.first_byte", ErrorClass.Timeout);

function request(part: Partial<CallRequest> = {}): CallRequest {
  return callTo("https://a.example/", part);
}

const KEYED = request({
  method: "POST",
  idempotencyKey: "k1",
  headers: [["Idempotency-Key", "k1"]],
});

function may(
  attempt: Attempt,
  call: CallRequest = request(),
  attempts = 1,
  limits: RetryLimits = {},
  again = true,
): boolean {
  return mayRetry(attempt, attempts, call, isRepeatable(call, limits), again, limits);
}

function withRetry(retry: RetryPolicy, part: Partial<CallRequest> = {}): CallRequest {
  return request({ ...part, policy: { retry } });
}

describe("without a policy", () => {
  const rows: readonly [string, Attempt, { get: number; post: number; keyed: number }][] = [
    ["200", { status: 200 }, { get: 1, post: 1, keyed: 1 }],
    ["304", { status: 304 }, { get: 1, post: 1, keyed: 1 }],
    ["302", { status: 302 }, { get: 1, post: 1, keyed: 1 }],
    ["400", { status: 400 }, { get: 1, post: 1, keyed: 1 }],
    ["401", { status: 401 }, { get: 1, post: 1, keyed: 1 }],
    ["404", { status: 404 }, { get: 1, post: 1, keyed: 1 }],
    ["409", { status: 409 }, { get: 1, post: 1, keyed: 1 }],
    ["501", { status: 501 }, { get: 1, post: 1, keyed: 1 }],
    ["408", { status: 408 }, { get: 3, post: 1, keyed: 3 }],
    ["421", { status: 421 }, { get: 2, post: 1, keyed: 2 }],
    ["425", { status: 425 }, { get: 2, post: 1, keyed: 2 }],
    ["429", { status: 429 }, { get: 3, post: 1, keyed: 3 }],
    ["500", { status: 500 }, { get: 3, post: 1, keyed: 3 }],
    ["503", { status: 503 }, { get: 3, post: 1, keyed: 3 }],
    ["504", { status: 504 }, { get: 3, post: 1, keyed: 3 }],
    ["529", { status: 529 }, { get: 3, post: 1, keyed: 3 }],
    ["refused", REFUSED, { get: 3, post: 3, keyed: 3 }],
    ["unknown name", failed("dns.not_found", ErrorClass.Transient, "no"), {
      get: 2,
      post: 2,
      keyed: 2,
    }],
    ["reset", RESET, { get: 3, post: 1, keyed: 3 }],
    ["no first byte", SLOW, { get: 3, post: 1, keyed: 3 }],
    ["bad certificate", failed("tls.name", ErrorClass.Permanent, "no"), {
      get: 1,
      post: 1,
      keyed: 1,
    }],
    [
      "bytes passed on",
      failed("upstream.truncated", ErrorClass.Transient, "committed"),
      { get: 1, post: 1, keyed: 1 },
    ],
    [
      "deadline",
      failed("deadline.exceeded", ErrorClass.Timeout, "maybe", "local"),
      { get: 1, post: 1, keyed: 1 },
    ],
    [
      "breaker open",
      failed("breaker.open", ErrorClass.RateLimited, "no", "local"),
      { get: 1, post: 1, keyed: 1 },
    ],
    [
      "cancelled",
      failed("call.cancelled", ErrorClass.Permanent, "no", "caller"),
      { get: 1, post: 1, keyed: 1 },
    ],
  ];
  for (const [name, attempt, expected] of rows) {
    test(`${name}: ${expected.get} attempts, ${expected.post} of a POST, ${expected.keyed} with a key`, () => {
      const made = (call: CallRequest) => {
        let attempts = 1;
        while (may(attempt, call, attempts)) attempts++;
        return attempts;
      };
      expect({ get: made(request()), post: made(request({ method: "POST" })), keyed: made(KEYED) })
        .toEqual(expected);
    });
  }
});

describe("what the policy says", () => {
  test("only the conditions it names", () => {
    const on: RetryCondition[] = [{ kind: "connect" }, { kind: "status", from: 409, to: 409 }];
    const call = withRetry({ on });
    expect(may(REFUSED, call)).toBe(true);
    expect(may({ status: 409 }, call)).toBe(true);
    for (const other of [RESET, SLOW, { status: 503 }, { status: 429 }]) {
      expect(may(other, call)).toBe(false);
    }
    expect(may(RESET, withRetry({ on: [{ kind: "reset" }] }))).toBe(true);
    expect(may(SLOW, withRetry({ on: [{ kind: "timeout" }] }))).toBe(true);
    expect(may(REFUSED, withRetry({ on: [] }))).toBe(false);
  });

  test("connect does not repeat what cannot get better", () => {
    const bad = failed("tls.untrusted", ErrorClass.Permanent, "no");
    expect(may(bad, withRetry({ on: [{ kind: "connect" }] }))).toBe(false);
  });

  test("unsafe: never, keyed, always", () => {
    const post = (unsafe: RetryPolicy["unsafe"] & string, key: boolean) =>
      may({ status: 503 }, {
        ...(key ? KEYED : request({ method: "POST" })),
        policy: { retry: { unsafe } },
      });
    expect([post("never", false), post("never", true)]).toEqual([false, false]);
    expect([post("keyed", false), post("keyed", true)]).toEqual([false, true]);
    expect([post("always", false), post("always", true)]).toEqual([true, true]);
  });

  test("a key that is not in a header is useless", () => {
    expect(may({ status: 503 }, { ...KEYED, headers: [] })).toBe(false);
  });

  test("idempotent by the caller's word", () => {
    const policy: CallPolicy = { idempotent: true };
    expect(may({ status: 503 }, request({ method: "POST", policy }))).toBe(true);
  });

  test("nothing whose body cannot be sent again", () => {
    expect(may(REFUSED, request({ method: "PUT" }), 1, {}, false)).toBe(false);
  });
});

describe("operator and caller", () => {
  test("the strictest of both", () => {
    const attempts = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
    fc.assert(fc.property(attempts, attempts, (asked, limit) => {
      const most = mostAttempts(
        asked === undefined ? {} : { attempts: asked },
        limit === undefined ? {} : { attempts: limit },
      );
      expect(most).toBeLessThanOrEqual(Math.min(asked ?? 20, limit ?? 20));
      if (asked === undefined && limit === undefined) expect(most).toBe(3);
      if (asked !== undefined && limit === undefined) expect(most).toBe(asked);
    }));
  });

  test("an operator may forbid what a spec allows", () => {
    const call = withRetry({ unsafe: "always" }, { method: "POST" });
    expect(may({ status: 503 }, call)).toBe(true);
    expect(may({ status: 503 }, call, 1, { unsafe: "keyed" })).toBe(false);
    expect(may({ status: 503 }, KEYED, 1, { unsafe: "never" })).toBe(false);
    expect(may({ status: 503 }, request(), 1, { attempts: 1 })).toBe(false);
  });
});
