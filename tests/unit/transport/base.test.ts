import { describe, expect, test } from "bun:test";
import { ErrorClass } from "../../../src/core/errors.ts";
import { type ExecuteRequest, executeResponse } from "../../../src/wire/mod.ts";
import { type FakeConnection, FakeRuntime } from "./fake_runtime.ts";
import { bytes, failure, FakeClock, request, settled, text, transportTo } from "./helpers.ts";

function existingDaemon(answer: (request: ExecuteRequest) => unknown): FakeRuntime {
  const runtime = new FakeRuntime();
  runtime.greets = "base";
  runtime.onRequest = (connection, incoming) => respond(connection, incoming, answer(incoming));
  return runtime;
}

function respond(connection: FakeConnection, incoming: ExecuteRequest, json: unknown): void {
  connection.send(executeResponse, {
    requestId: incoming.requestId,
    errorClass: ErrorClass.Success,
    errorMessage: "",
    payload: bytes(JSON.stringify(json)),
    durationUs: 600,
  });
}

describe("the base protocol", () => {
  test("is fallen back to by itself, on the same connection", async () => {
    const runtime = existingDaemon(() => ({
      status_code: 404,
      headers: { "content-type": "text/plain", "set-cookie": "a=1\nb=2" },
      body: "hé",
      is_streaming: false,
    }));
    const transport = transportTo(runtime);
    await transport.connect();
    const reply = await transport.call(request({
      method: "POST",
      headers: [["x-a", "1"], ["x-a", "2"]],
      body: bytes("hi"),
      timeoutMs: 1500,
    }));
    expect(transport.protocol).toBe("base");
    expect(runtime.dials).toBe(1);
    const sent = runtime.last.requests[0];
    expect(sent).toMatchObject({
      tenantId: "acme",
      workspaceId: "prod",
      traceId: "t-1",
      connector: "http",
      operation: "request",
    });
    expect(Math.abs((sent?.deadlineAtMs ?? 0) - Date.now() - 1500)).toBeLessThan(1000);
    expect(JSON.parse(new TextDecoder().decode(sent?.payload))).toEqual({
      method: "POST",
      url: "http://upstream/",
      headers: { "x-a": "1, 2" },
      body: "hi",
      timeout_ms: 1500,
    });
    expect(reply).toMatchObject({
      status: 404,
      durationUs: 600,
      headers: [["content-type", "text/plain"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]],
    });
    expect(reply.body).toEqual(bytes("hé"));
    await transport.close();
  });

  test("a trace context and an idempotency key are headers of the request, since base has no other place", async () => {
    const runtime = existingDaemon(() => ({ status_code: 200 }));
    const transport = transportTo(runtime);
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    await transport.call(request({ traceparent, idempotencyKey: "k" }));
    const payload = JSON.parse(new TextDecoder().decode(runtime.last.requests[0]?.payload));
    expect(payload.headers).toMatchObject({ traceparent, "Idempotency-Key": "k" });
    await transport.close();
  });

  test("base64 bodies are byte-exact", async () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const runtime = existingDaemon(() => ({
      status_code: 200,
      headers: {},
      body: "lossy",
      body_encoding: "base64",
      body_base64: btoa(String.fromCharCode(...all)),
    }));
    const transport = transportTo(runtime);
    expect((await transport.call(request())).body).toEqual(all);
    await transport.close();
  });

  test("a streamed upload is collected, a binary one refused before it is sent", async () => {
    const runtime = existingDaemon((incoming) => ({
      status_code: 200,
      headers: {},
      body: (JSON.parse(new TextDecoder().decode(incoming.payload)) as { body: string }).body,
    }));
    const transport = transportTo(runtime);
    const body = new Blob(["str", "eam"]).stream();
    expect(await text((await transport.call(request({ method: "POST", body }))).body)).toBe(
      "stream",
    );
    const binary = transport.call(request({ method: "POST", body: Uint8Array.from([255, 0]) }));
    expect(await failure(binary)).toMatchObject({
      errorClass: ErrorClass.InvalidRequest,
      code: "base.binary_body",
      sent: "no",
    });
    const huge = transport.call(
      request({ method: "POST", body: new Uint8Array(11_000_000).fill(97) }),
    );
    expect(await failure(huge)).toMatchObject({ code: "base.body_too_large" });
    expect(runtime.last.requests.length).toBe(1);
    await transport.close();
  });

  test("answers are matched by id, whatever their order", async () => {
    const held: ExecuteRequest[] = [];
    const runtime = new FakeRuntime();
    runtime.greets = "base";
    runtime.onRequest = (_, incoming) => void held.push(incoming);
    const transport = transportTo(runtime);
    const calls = [transport.call(request()), transport.call(request())];
    await settled();
    for (const incoming of held.toReversed()) {
      respond(runtime.last, incoming, { status_code: 200 + Number(incoming.requestId) });
    }
    expect((await Promise.all(calls)).map((reply) => reply.status)).toEqual([201, 202]);
    await transport.close();
  });

  test("error classes become errors with the daemon's message", async () => {
    const runtime = new FakeRuntime();
    runtime.greets = "base";
    runtime.onRequest = (connection, { requestId }) =>
      connection.send(executeResponse, {
        requestId,
        errorClass: ErrorClass.Transient,
        errorMessage: "connection refused",
        payload: new Uint8Array(0),
        durationUs: 1,
      });
    const transport = transportTo(runtime);
    const error = await failure(transport.call(request()));
    expect(error).toMatchObject({
      errorClass: ErrorClass.Transient,
      code: "base.transient",
      requestId: "1",
    });
    expect(error.message).toBe("connection refused");
    await transport.close();
  });

  test("a response that is not the protocol's JSON is an error of that call only", async () => {
    for (const json of ["text", { headers: {} }, null]) {
      const runtime = existingDaemon(() => json);
      const transport = transportTo(runtime);
      expect(await failure(transport.call(request()))).toMatchObject({ code: "base.bad_response" });
      expect(runtime.last.closed).toBe(false);
      await transport.close();
    }
  });

  test("deadline, abort, loss and close end a call without an answer", async () => {
    const clock = new FakeClock();
    const runtime = new FakeRuntime();
    runtime.greets = "base";
    const transport = transportTo(runtime, { clock });
    await transport.connect();
    const controller = new AbortController();
    const late = transport.call(request({ timeoutMs: 100 }));
    const aborted = transport.call(request({ signal: controller.signal }));
    const lost = transport.call(request());
    await settled();
    clock.advance(100);
    expect(await failure(late)).toMatchObject({ errorClass: ErrorClass.Timeout });
    controller.abort();
    expect(await failure(aborted)).toMatchObject({ code: "call.cancelled" });
    runtime.last.kill();
    expect(await failure(lost)).toMatchObject({ errorClass: ErrorClass.Transient, sent: "maybe" });
    const closed = transport.call(request());
    await settled();
    await transport.close();
    expect(await failure(closed)).toMatchObject({ code: "client.closed" });
    expect(runtime.dials).toBe(2);
  });

  test("a daemon that does not know health checks is alive all the same", async () => {
    const runtime = existingDaemon(() => ({ status_code: 200 }));
    const transport = transportTo(runtime);
    expect(await transport.health()).toMatchObject({ healthy: true });
    await transport.close();
  });

  test("an unreadable request is the failure of the only call in flight", async () => {
    const runtime = new FakeRuntime();
    runtime.greets = "base";
    runtime.onRequest = (connection) => connection.answerInvalid();
    const transport = transportTo(runtime);
    expect(await failure(transport.call(request()))).toMatchObject({
      code: "base.invalid_request",
    });
    await transport.close();
  });
});
