import { describe, expect, test } from "bun:test";
import {
  ApiError,
  call,
  ConnectorError,
  ErrorClass,
  judgeSuccess,
  type OperationData,
} from "../../../../src/connector/mod.ts";
import { retryAfterMs } from "../../../../src/http/retry_after.ts";
import {
  client,
  type FakeReply,
  FakeRuntime,
  GET,
  rejection,
  SPEC,
  TestError,
} from "../support.ts";

class Quota extends TestError {
  override readonly name: string = "Quota";
}
class Limit extends TestError {
  override readonly name: string = "Limit";
}
class NotOk extends TestError {
  override readonly name: string = "NotOk";
}
class Own extends TestError {
  override readonly name: string = "Own";
}

const RULES = [
  {
    error: Quota,
    status: [[429, 429]],
    body: [{ path: ["error", "code"], oneOf: ["quota", "credit"] }],
    retry: "never",
  },
  { error: Limit, status: [[429, 429]] },
  {
    error: NotOk,
    status: [[200, 299]],
    body: [{ path: ["ok"], oneOf: [false] }],
    message: ["reason"],
  },
  { error: Quota, headers: [{ name: "X-Quota", oneOf: ["0"] }] },
] as const;

async function failed(reply: FakeReply, spec: Partial<OperationData> = {}): Promise<TestError> {
  const made = client(new FakeRuntime(() => reply), { errors: { ...SPEC.errors, rules: RULES } });
  const error = await rejection(call(made, { ...GET, judge: judgeSuccess, ...spec }));
  if (error instanceof TestError) return error;
  throw error;
}

describe("rules", () => {
  test("reach the engine, up to the last that says something about retries", async () => {
    const runtime = new FakeRuntime();
    await call(client(runtime, { errors: { ...SPEC.errors, rules: RULES } }), GET);
    expect(runtime.last.policy?.retry?.rules).toEqual([{
      status: [[429, 429]],
      body: [{ path: ["error", "code"], oneOf: ["quota", "credit"] }],
      retry: "never",
    }]);
    await call(client(runtime), GET);
    expect(runtime.last.policy?.retry).toBeUndefined();
  });

  test("the first that matches gives the class", async () => {
    const body = { error: { code: "quota", message: "No credit" } };
    const error = await failed({ status: 429, body, headers: { "x-request-id": "r1" } });
    expect(error).toBeInstanceOf(Quota);
    expect(error).toBeInstanceOf(TestError);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).not.toBeInstanceOf(Limit);
    expect(error).toMatchObject({
      name: "Quota",
      message: "test things.get: 429 quota: No credit",
      apiMessage: "No credit",
      code: "api.error",
      apiCode: "quota",
      status: 429,
      requestId: "r1",
      errorClass: ErrorClass.Permanent,
      origin: "upstream",
      sent: "committed",
      attempts: 1,
    });
    expect(error.body).toEqual(body);
    expect(error.isRetryable()).toBe(false);
  });

  test("the next one where the body differs", async () => {
    const error = await failed({
      status: 429,
      body: { error: { code: "other" } },
      headers: { "retry-after": "3" },
    });
    expect(error).toBeInstanceOf(Limit);
    expect(error).toMatchObject({ errorClass: ErrorClass.RateLimited, retryAfterMs: 3000 });
  });

  test("by a header, for failures only", async () => {
    expect(await failed({ status: 403, headers: { "x-quota": "0" } })).toBeInstanceOf(Quota);
    const made = client(
      new FakeRuntime(() => ({ headers: { "x-quota": "0" }, body: { ok: true } })),
      {
        errors: { ...SPEC.errors, rules: RULES },
      },
    );
    expect(await call(made, { ...GET, judge: judgeSuccess })).toEqual({ ok: true });
  });

  test("an answer that says no with status 200", async () => {
    const error = await failed({ status: 200, body: { ok: false, reason: "channel_not_found" } });
    expect(error).toBeInstanceOf(NotOk);
    expect(error).toMatchObject({
      message: "test things.get: 200: channel_not_found",
      errorClass: ErrorClass.Permanent,
      status: 200,
    });
  });

  test("those of the operation come first", async () => {
    expect(await failed({ status: 429 }, { errors: [{ error: Own, status: [[400, 499]] }] }))
      .toBeInstanceOf(Own);
  });

  test("no rule: the connector's own class, by status", async () => {
    const rows: [number, ErrorClass][] = [
      [400, ErrorClass.InvalidRequest],
      [401, ErrorClass.Permanent],
      [404, ErrorClass.Permanent],
      [408, ErrorClass.Timeout],
      [500, ErrorClass.Transient],
      [503, ErrorClass.Transient],
      [302, ErrorClass.Permanent],
    ];
    for (const [status, errorClass] of rows) {
      const error = await failed({ status });
      expect(error.constructor).toBe(TestError);
      expect(error).toMatchObject({ status, errorClass });
      expect(error.message).toContain(String(status));
    }
  });
});

describe("retry of a rule", () => {
  const rules = (
    retry: "never" | "idempotent" | "always",
  ) => [{ error: Own, status: [[400, 599] as const], retry }];
  const rows: [string, "never" | "idempotent" | "always", string, ErrorClass][] = [
    ["never", "never", "GET", ErrorClass.Permanent],
    ["always", "always", "POST", ErrorClass.Transient],
    ["idempotent GET", "idempotent", "GET", ErrorClass.Transient],
    ["idempotent POST", "idempotent", "POST", ErrorClass.Permanent],
  ];
  for (const [name, retry, method, errorClass] of rows) {
    test(name, async () => {
      expect(await failed({ status: 500 }, { method, errors: rules(retry) })).toMatchObject({
        errorClass,
      });
    });
  }
});

describe("bodies", () => {
  test("text stays text, nothing is undefined", async () => {
    expect((await failed({ status: 502, body: "<html>" })).body).toBe("<html>");
    expect((await failed({ status: 502 })).body).toBeUndefined();
  });

  test("what is not JSON is in the message, on one line and no longer than a line", async () => {
    const short = await failed({ status: 502, body: "  no upstream\n for /v1 " });
    expect(short.message).toBe("test things.get: 502: no upstream for /v1");
    expect(short.apiMessage).toBeUndefined();
    const long = await failed({ status: 502, body: "<p>".repeat(100_000) });
    expect(long.message.length).toBeLessThan(300);
    expect(long.body).toBe("<p>".repeat(100_000));
  });

  test("JSON that has none is in the message as it is, numbers of any length included", async () => {
    const body = { detail: [{ msg: "too long", limit: 5n }] };
    const parse = (): unknown => body;
    const errors = [{ error: TestError, parse }];
    expect((await failed({ status: 422, body: "{}" }, { errors })).message).toBe(
      'test things.get: 422: {"detail":[{"msg":"too long","limit":"5"}]}',
    );
    expect((await failed({ status: 404, body: {} })).message).toBe("test things.get: 404: {}");
  });

  test("a message where the spec does not look for it is found in the usual places", async () => {
    for (
      const body of [{ error: "m" }, { message: "m" }, { detail: "m" }, {
        error: "code",
        error_description: "m",
      }]
    ) {
      expect(await failed({ status: 400, body })).toMatchObject({
        apiMessage: "m",
        message: "test things.get: 400: m",
      });
    }
  });

  test("asResponse throws the same error", async () => {
    const made = client(
      new FakeRuntime(() => ({ status: 404, body: { error: { message: "no" } } })),
    );
    expect(await rejection(call(made, GET).asResponse())).toMatchObject({
      name: "TestError",
      apiMessage: "no",
    });
  });

  test("JSON of an error has no body and no headers", async () => {
    const error = await failed({
      status: 400,
      body: { error: { message: "m" }, secret: "s3cret" },
    });
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });
});

describe("retry-after", () => {
  const now = Date.UTC(2030, 0, 1);
  const rows: [Record<string, string>, number | undefined][] = [
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": "0.5" }, 500],
    [{ "Retry-After-Ms": "150", "retry-after": "9" }, 150],
    [{ "retry-after": "Tue, 01 Jan 2030 00:00:05 GMT" }, 5000],
    [{ "retry-after": "Tue, 01 Jan 2019 00:00:05 GMT" }, 0],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{}, undefined],
  ];
  for (const [headers, ms] of rows) {
    test(
      JSON.stringify(headers),
      () => expect(retryAfterMs(Object.entries(headers), now)).toBe(ms),
    );
  }
});
