import { describe, expect, test } from "bun:test";
import {
  ConnectorError,
  type ConnectorErrorOptions,
  ErrorClass,
} from "../../../src/core/errors.ts";
import { ApiError } from "../../../src/connector/answer/api_error.ts";
import { problemOf, problemResponse, statusOf } from "../../../src/worker/problem/problem.ts";
import { Secrets } from "../../../src/core/secrets/secrets.ts";
import { createPlaceHider } from "../../../src/worker/problem/places.ts";

const same = (text: string) => text;
const plain = { redact: same, hidePlaces: same };
const error = (options: Partial<ConnectorErrorOptions>) =>
  new ConnectorError({ errorClass: ErrorClass.Permanent, code: "x", message: "m", ...options });

describe("the status of a failure", () => {
  const { InvalidRequest, Permanent, RateLimited, Timeout, Transient } = ErrorClass;
  const cases: [string, Partial<ConnectorErrorOptions>, number][] = [
    ["an input that the connector refuses", { errorClass: InvalidRequest, origin: "caller" }, 400],
    ["missing configuration", {
      errorClass: InvalidRequest,
      code: "config.missing",
      origin: "caller",
    }, 503],
    ["a refused destination", { code: "egress.denied" }, 403],
    ["what the tenant may not use", { code: "tenant.denied" }, 403],
    ["a limit of ours", { errorClass: RateLimited, origin: "local" }, 429],
    ["a limit of the API", { errorClass: RateLimited, status: 429, origin: "upstream" }, 429],
    ["an exhausted quota", { errorClass: Permanent, status: 429, origin: "upstream" }, 429],
    ["a deadline", { errorClass: Timeout }, 504],
    ["a timeout of the API", { errorClass: Timeout, status: 408, origin: "upstream" }, 504],
    [
      "a bad request to the API",
      { errorClass: InvalidRequest, status: 400, origin: "upstream" },
      400,
    ],
    ["something the API does not know", { status: 404, origin: "upstream" }, 404],
    ["a key the API refuses", { status: 401, origin: "upstream" }, 502],
    ["a failing API", { errorClass: Transient, status: 503, origin: "upstream" }, 502],
    ["an API that cannot be reached", { errorClass: Transient, origin: "upstream" }, 502],
    ["an API that talks nonsense", { origin: "upstream" }, 502],
    ["a daemon that cannot be reached", { errorClass: Transient, origin: "local" }, 503],
    ["a client that left", { origin: "caller" }, 499],
    ["a fault of ours", { code: "internal" }, 500],
  ];
  for (const [name, options, status] of cases) {
    test(`${name}: ${status}`, () => expect(statusOf(error(options))).toBe(status));
  }
});

describe("a problem document", () => {
  test("carries code, class, upstream status and when to come back", () => {
    const problem = problemOf(
      error({
        errorClass: ErrorClass.RateLimited,
        code: "api.error",
        message: "slow down",
        status: 429,
        retryAfterMs: 1500,
        origin: "upstream",
        sent: "committed",
        attempts: 3,
        waitedUs: 250_400,
        queuedUs: 12_000,
      }),
      "r1",
      plain,
    );
    expect(problem).toEqual({
      title: "Too many requests",
      status: 429,
      detail: "slow down",
      code: "api.error",
      class: "RateLimited",
      requestId: "r1",
      retryable: true,
      retryAfterMs: 1500,
      upstreamStatus: 429,
      sent: "committed",
      attempts: 3,
      waitedMs: 250,
      queuedMs: 12,
    });
    const response = problemResponse(problem);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });

  test("repeats nothing of what an API says about credentials, nor of what failed inside", () => {
    const refused = problemOf(
      error({ status: 401, message: "wrong key sk-ab***yz", origin: "upstream" }),
      "r",
      plain,
    );
    expect(refused.detail).not.toContain("sk-ab");
    expect(problemOf(error({ code: "internal", message: "/private/file" }), "r", plain).detail).not
      .toContain("/private");
  });

  test("names the connector's error and the API's own code and type, and no more of its body", () => {
    class NotFoundError extends ApiError {
      override readonly name: string = "NotFoundError";
    }
    const facts = (status: number, body: unknown, apiCode?: string) => {
      const { error, apiCode: code, apiType } = problemOf(
        new NotFoundError({
          errorClass: ErrorClass.Permanent,
          message: "m",
          requestId: "r",
          status,
          retryAfterMs: undefined,
          attempts: 1,
          body,
          headers: [],
          apiCode,
        }),
        "r",
        { ...plain, redact: (text) => new Secrets(["sk-secret"]).redact(text) },
      );
      return { error, code, apiType };
    };
    const none = { error: "NotFoundError", code: undefined, apiType: undefined };
    expect(facts(404, { error: { code: "gone", type: "invalid_request_error" } })).toEqual({
      error: "NotFoundError",
      code: "gone",
      apiType: "invalid_request_error",
    });
    expect(facts(404, { code: 17 }, "named")).toEqual({ ...none, code: "named" });
    expect(facts(404, { code: 17, type: "at 10.0.0.1:80" })).toEqual({ ...none, code: "17" });
    expect(facts(404, { code: "10.0.0.1", type: "sk-secret" })).toEqual({
      ...none,
      apiType: "[redacted]",
    });
    expect(facts(404, "text")).toEqual(none);
    expect(facts(401, { error: { code: "sk-ab_yz" } }, "sk-ab_yz")).toEqual(none);
    expect(problemOf(error({}), "r", plain)).not.toHaveProperty("error");
  });

  test("does not tell where this server connects to", () => {
    const hidePlaces = createPlaceHider(["api.corp.example"]);
    const said: [string, string][] = [
      [
        "the egress policy refuses db.example:5432 (10.1.2.3): private. To permit it: --allow db.example:5432",
        "the egress policy refuses db.example:5432 ([address]): private.",
      ],
      ["127.0.0.1:4545 refused the connection", "[address] refused the connection"],
      ["[::1]:4545 sent nothing for 5 ms", "[address] sent nothing for 5 ms"],
      ["x:1 (fd00::1): unique local", "x:1 ([address]): unique local"],
      ["API.corp.example:8443 cannot be reached", "[address] cannot be reached"],
      ["xapi.corp.example cannot be reached", "xapi.corp.example cannot be reached"],
      ["there is no socket at unix:/run/secret.sock", "there is no socket at [address]"],
      ["tcp://10.0.0.5:5000, localhost:80", "[address], [address]"],
      ["at 10:30:00 version 1.2.3 took 5 ms", "at 10:30:00 version 1.2.3 took 5 ms"],
    ];
    for (const [message, detail] of said) {
      const told = problemOf(error({ code: "connect.refused", message }), "r", {
        ...plain,
        hidePlaces,
      });
      expect(told.detail).toBe(detail);
    }
    const api = error({ status: 422, message: "ip 10.0.0.1 is taken", origin: "upstream" });
    expect(problemOf(api, "r", { ...plain, hidePlaces }).detail).toBe("ip 10.0.0.1 is taken");
  });

  test("has no secret in it", () => {
    const secrets = new Secrets(["sk-secret", "p/ss word", "abc"]);
    const redact = (text: string): string => secrets.redact(text);
    const message = `key sk-secret and ${encodeURIComponent("p/ss word")} and ${
      btoa("sk-secret")
    }, abc`;
    expect(problemOf(error({ message }), "r", { ...plain, redact }).detail).toBe(
      "key [redacted] and [redacted] and [redacted], abc",
    );
  });
});
