import { describe, expect, test } from "bun:test";
import {
  bearer,
  binaryResult,
  call,
  jsonBody,
  noResult,
  type OperationData,
  requestHook,
  textResult,
} from "../../../src/connector/mod.ts";
import { bodyText, client, FakeRuntime, GET, header, rejection } from "./support.ts";

const POST: OperationData = {
  ...GET,
  id: "things.create",
  method: "POST",
  body: { encode: jsonBody, contentType: "application/json", required: true },
};

describe("when a call is sent", () => {
  test("not before its outcome is wanted, and then once", async () => {
    const runtime = new FakeRuntime(() => ({ body: { a: 1 } }));
    const pending = call<{ a: number }>(client(runtime), GET);
    await Promise.resolve();
    expect(runtime.calls.length).toBe(0);
    expect(await pending).toEqual({ a: 1 });
    expect(await pending).toEqual({ a: 1 });
    expect((await pending.withResponse()).data).toEqual({ a: 1 });
    expect(runtime.calls.length).toBe(1);
  });

  test("it works with everything that takes a promise", async () => {
    const runtime = new FakeRuntime((_, index) => ({ body: index }));
    const both = await Promise.all([call(client(runtime), GET), call(client(runtime), GET)]);
    expect(both).toEqual([0, 1]);
    let done = 0;
    await call(client(runtime), GET).finally(() => done++);
    expect(done).toBe(1);
    expect(await call(client(new FakeRuntime(() => ({ status: 500 }))), GET).catch(() => "caught"))
      .toBe("caught");
  });
});

describe("responses", () => {
  test("withResponse gives status, headers and the API's request id", async () => {
    const runtime = new FakeRuntime(() => ({
      status: 201,
      headers: { "x-request-id": "req-7", "x-a": "b" },
      body: { a: 1 },
    }));
    const { data, response, requestId } = await call(client(runtime), GET).withResponse();
    expect(data).toEqual({ a: 1 });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-a")).toBe("b");
    expect(requestId).toBe("req-7");
  });

  test("the runtime's request id where the API sends none", async () => {
    expect((await call(client(new FakeRuntime()), GET).withResponse()).requestId).toBe("run-1");
  });

  test("asResponse leaves the body unread", async () => {
    const runtime = new FakeRuntime(() => ({ body: "not json" }));
    const response = await call(client(runtime), GET).asResponse();
    expect(await response.text()).toBe("not json");
  });

  test("no body where there is none", async () => {
    const runtime = new FakeRuntime(() => ({ status: 204 }));
    expect(await call(client(runtime), GET)).toBeUndefined();
    expect((await call(client(runtime), GET).asResponse()).body).toBeNull();
  });

  test("text, bytes, nothing, and a part of the value", async () => {
    const bytes = Uint8Array.of(0, 255, 10);
    const runtime = new FakeRuntime(() => ({ body: bytes }));
    expect(await call(client(runtime), { ...GET, result: binaryResult })).toEqual(bytes);
    expect(await call(client(runtime), { ...GET, result: noResult })).toBeUndefined();
    const texts = new FakeRuntime(() => ({ body: '{"data":[1]}' }));
    expect(await call(client(texts), { ...GET, result: textResult })).toBe('{"data":[1]}');
    expect(await call(client(texts), { ...GET, select: ["data"] })).toEqual([1]);
  });

  test("what is not JSON shows how it starts", async () => {
    const error = await rejection(
      call(client(new FakeRuntime(() => ({ body: "<html>Bad gateway" }))), GET),
    );
    expect(error).toMatchObject({ code: "response.not_json", status: 200 });
    expect(String(error)).toContain("<html>");
    const empty = await rejection(call(client(new FakeRuntime(() => ({ body: "" }))), GET));
    expect(String(empty)).toContain("is empty");
  });

  test("a body above maxResponseBytes is refused and ended", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(600)),
      cancel: () => void (cancelled = true),
    });
    const limited = client(new FakeRuntime(() => ({ body })), {}, { maxResponseBytes: 1000 });
    expect(await rejection(call(limited, GET))).toMatchObject({ code: "response.too_large" });
    expect(cancelled).toBe(true);
  });

  test("a response hook changes the value", async () => {
    const spec: OperationData = {
      ...GET,
      onResponse: (value, reply) => ({ value, status: reply.status }),
    };
    expect(await call(client(new FakeRuntime(() => ({ body: 1 }))), spec)).toEqual({
      value: 1,
      status: 200,
    });
  });
});

test("what waits for nothing is sent at once", () => {
  const runtime = new FakeRuntime();
  const step = bearer([{ get: ["config", "apiKey"] }]);
  const post: OperationData = { ...POST, auth: [step, step] };
  call(client(runtime), post, { a: 1 }).catch(() => {});
  expect(runtime.calls.map(({ method }) => method)).toEqual(["POST"]);
});

test("a header that no Headers object takes does not cost the response", async () => {
  const runtime = new FakeRuntime(() => ({ headers: { "x-name": "zażółć", "x y": "1" }, body: 1 }));
  const { response } = await call(client(runtime), GET).withResponse();
  expect(response.headers.get("x-name")).toBe(encodeURI("zażółć"));
});

describe("what the runtime is told", () => {
  test("who calls, how long, and for whom", async () => {
    const runtime = new FakeRuntime();
    const signal = new AbortController().signal;
    const made = client(runtime, { policy: { timeoutMs: 9000, connectTimeoutMs: 100 } }, {
      tenantId: "t1",
      workspaceId: "w1",
    });
    await call(made, POST, { a: 1 }, { signal, traceId: "tr" });
    expect(runtime.last).toMatchObject({
      connector: "test",
      operation: "things.create",
      method: "POST",
      timeoutMs: 9000,
      tenantId: "t1",
      workspaceId: "w1",
      traceId: "tr",
      policy: { connectTimeoutMs: 100 },
    });
    expect(runtime.last.signal).toBe(signal);
    expect(bodyText(runtime.last)).toBe('{"a":1}');
    await call(made, POST, {}, { timeoutMs: 5, tenantId: "t2" });
    expect(runtime.last).toMatchObject({ timeoutMs: 5, tenantId: "t2" });
  });

  test("retries of a call replace the spec's attempts only", async () => {
    const runtime = new FakeRuntime();
    const retry = { attempts: 3, unsafe: "keyed", maxWaitMs: 10 } as const;
    await call(client(runtime, { policy: { retry } }), GET, {}, { retries: 0 });
    expect(runtime.last.policy?.retry).toEqual({ ...retry, attempts: 1 });
  });

  test("a key that no spec has a header for goes into the usual one, and to no other origin", async () => {
    const runtime = new FakeRuntime();
    await call(client(runtime), POST, {}, { idempotencyKey: "mine" });
    expect(header(runtime.last, "idempotency-key")).toBe("mine");
    const spec = { ...POST, idempotency: { header: "X-Once" } };
    await call(client(runtime), spec, {}, { idempotencyKey: "mine" });
    expect(header(runtime.last, "x-once")).toBe("mine");
    expect(header(runtime.last, "idempotency-key")).toBeUndefined();
    expect(runtime.last.policy?.secretHeaders).toEqual(["x-once"]);
  });

  test("idempotency keys: made once a call, or given", async () => {
    const runtime = new FakeRuntime();
    const spec: OperationData = {
      ...POST,
      idempotency: { header: "Idempotency-Key", generate: true },
    };
    await call(client(runtime), spec, {});
    const made = runtime.last.idempotencyKey;
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
    expect(header(runtime.last, "idempotency-key")).toBe(made);
    expect(runtime.last.freshKey).toBe(true);
    await call(client(runtime), spec, {}, { idempotencyKey: "mine" });
    expect(header(runtime.last, "idempotency-key")).toBe("mine");
    expect(runtime.last.freshKey).toBeUndefined();
    await call(client(runtime), POST, {});
    expect(runtime.last.idempotencyKey).toBeUndefined();
  });

  test("headers: spec, client, call; null takes one out", async () => {
    const runtime = new FakeRuntime();
    const spec = {
      headers: [["X-Version", ["2024"]], ["X-Org", [{ get: ["config", "org"], optional: true }]]],
    } as const;
    const made = client(runtime, spec, { headers: { "X-Client": "c", "x-both": "client" } });
    await call(made, GET, {}, { headers: { "X-Both": "call", "x-version": null } });
    expect(Object.fromEntries(runtime.last.headers)).toEqual({ "x-client": "c", "x-both": "call" });
  });

  test("further query parameters", async () => {
    const runtime = new FakeRuntime();
    await call(client(runtime), GET, {}, { query: { "a b": "c&d" } });
    expect(runtime.last.url).toBe("https://api.test/v1/things?a%20b=c%26d");
  });

  test("a request hook sees the request and the input", async () => {
    const runtime = new FakeRuntime();
    const spec: OperationData = {
      ...GET,
      onRequest: requestHook((request, input, config) => {
        request.headers["x-hook"] = JSON.stringify([input, config]);
        request.url += "?hooked=1";
      }),
    };
    await call(client(runtime, { config: [{ name: "k" }] }, { k: "v" }), spec, { a: 1 });
    expect(header(runtime.last, "x-hook")).toBe('[{"a":1},{"k":"v"}]');
    expect(runtime.last.url.endsWith("?hooked=1")).toBe(true);
  });
});

describe("nonsense is refused before anything is sent", () => {
  const rows: [string, () => Promise<unknown>, string][] = [
    [
      "an input that is not an object",
      async () => await call(client(new FakeRuntime()), POST, "text"),
      "request.input",
    ],
    ["a list", async () => await call(client(new FakeRuntime()), POST, [1]), "request.input"],
    [
      "timeoutMs 0",
      async () => await call(client(new FakeRuntime()), GET, {}, { timeoutMs: 0 }),
      "config.invalid",
    ],
    [
      "timeoutMs NaN",
      async () => await call(client(new FakeRuntime()), GET, {}, { timeoutMs: NaN }),
      "config.invalid",
    ],
    [
      "negative retries",
      async () => await call(client(new FakeRuntime()), GET, {}, { retries: -1 }),
      "config.invalid",
    ],
    [
      "retries 1.5",
      async () => await call(client(new FakeRuntime()), GET, {}, { retries: 1.5 }),
      "config.invalid",
    ],
  ];
  for (const [name, act, code] of rows) {
    test(name, async () => expect(await rejection(act())).toMatchObject({ code }));
  }
});

test("a failure of the runtime comes through as it is", async () => {
  const boom = new Error("no runtime");
  const failing = client({ call: () => Promise.reject(boom) });
  expect(await rejection(call(failing, GET))).toBe(boom);
});
