import { describe, expect, test } from "bun:test";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { creditUpdate, goAway } from "../../../src/wire/mod.ts";
import { FakeRuntime } from "./fake_runtime.ts";
import { bytes, failure, FakeClock, request, settled, text, transportTo } from "./helpers.ts";

describe("a session", () => {
  test("greets first, then carries every field of a call", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime, { token: "secret" });
    expect(transport.protocol).toBe("unconnected");
    const reply = await transport.call(request({
      connector: "openai",
      operation: "chat",
      method: "POST",
      headers: [["x-a", "1"], ["x-a", "2"]],
      body: Uint8Array.from([0, 255]),
      idempotencyKey: "key",
      traceparent: "00-1-2-01",
      policy: { idleTimeoutMs: 5, secretHeaders: ["x-a"], maxRedirects: 0 },
    }));
    expect(transport.protocol).toBe("session");
    expect(runtime.last.hello).toMatchObject({
      version: 1,
      token: "secret",
      callCredit: 256 * 1024,
    });
    expect(runtime.last.starts[0]).toMatchObject({
      callId: 1,
      tenantId: "acme",
      workspaceId: "prod",
      traceId: "t-1",
      connector: "openai",
      operation: "chat",
      method: "POST",
      url: "http://upstream/",
      headers: [["x-a", "1"], ["x-a", "2"]],
      body: Uint8Array.from([0, 255]),
      bodyFollows: false,
      idempotencyKey: "key",
      traceparent: "00-1-2-01",
      policy: { idleTimeoutMs: 5, secretHeaders: ["x-a"], maxRedirects: 0 },
    });
    expect(reply).toMatchObject({ requestId: "r1", status: 200, attempts: 1, durationUs: 1 });
    await transport.close();
  });

  test("answers arrive in any order, each at its own caller", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    const calls = ["a", "b", "c"].map((url) => transport.call(request({ url })));
    await settled();
    for (const { callId, url } of runtime.last.starts.toReversed()) {
      runtime.last.head(callId, { body: bytes(url) });
    }
    const replies = await Promise.all(calls);
    expect(await Promise.all(replies.map((reply) => text(reply.body)))).toEqual(["a", "b", "c"]);
    expect(runtime.dials).toBe(1);
    await transport.close();
  });

  test("a small body of a reply is a copy, not a view of the socket's buffer", async () => {
    const runtime = new FakeRuntime();
    const buffer = bytes("first");
    runtime.onStart = (c, start) => c.head(start.callId, { body: buffer });
    const transport = transportTo(runtime);
    const { body } = await transport.call(request());
    await transport.call(request());
    expect(body).toEqual(bytes("first"));
    await transport.close();
  });

  test("a body of more than 64 KiB goes in frames of at most that, within the credit", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    runtime.limits = { ...runtime.limits, callCredit: 100_000 };
    const transport = transportTo(runtime);
    const call = transport.call(request({ method: "POST", body: new Uint8Array(150_000) }));
    await settled();
    const peer = runtime.last;
    expect(peer.starts[0]).toMatchObject({ bodyFollows: true });
    expect(peer.uploads.get(1)).toEqual([65_536, 34_464]);
    expect(peer.ended).toEqual([]);
    peer.send(creditUpdate, { creditDelta: 60_000, totalCredits: 0, callId: 1 });
    await settled();
    expect(peer.uploads.get(1)).toEqual([65_536, 34_464, 50_000]);
    expect(peer.ended).toEqual([1]);
    peer.head(1);
    expect((await call).status).toBe(200);
    await transport.close();
  });

  test("very many bodies at once wait for credit, instead of ending the connection as unsent", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime);
    await transport.connect();
    const body = new Uint8Array(60_000);
    const replies = await Promise.all(
      Array.from({ length: 1200 }, () => transport.call(request({ body }))),
    );
    expect(replies.every((reply) => reply.status === 200)).toBe(true);
    expect(runtime.last.starts.filter((start) => start.bodyFollows).length).toBeGreaterThan(500);
    expect(runtime.dials).toBe(1);
    await transport.close();
  });

  test("an answer before the end of the upload stops it and cancels its source", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime);
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes("part")),
      cancel: () => {
        cancelled = true;
      },
    });
    expect((await transport.call(request({ method: "POST", body }))).status).toBe(200);
    await settled();
    expect(cancelled).toBe(true);
    expect(runtime.last.ended).toEqual([]);
    await transport.close();
  });

  test("an upload whose source fails cancels the call and says so", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    const body = new ReadableStream<Uint8Array>({
      pull: () => Promise.reject(new Error("disk")),
    });
    const error = await failure(transport.call(request({ method: "POST", body })));
    expect(error).toMatchObject({ code: "request.body_failed", origin: "caller", sent: "maybe" });
    expect(error.message).toContain("disk");
    await settled();
    expect(runtime.last.cancelled).toEqual([1]);
    await transport.close();
  });

  test("a streamed answer is readable from its first bytes on", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => c.head(start.callId, { bodyFollows: true });
    const transport = transportTo(runtime);
    const { body } = await transport.call(request());
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    runtime.last.data(1, bytes("one"));
    expect((await reader.read()).value).toEqual(bytes("one"));
    runtime.last.data(1, bytes("two"));
    runtime.last.end(1);
    expect((await reader.read()).value).toEqual(bytes("two"));
    expect((await reader.read()).done).toBe(true);
    await transport.close();
  });

  test("call credit goes back as the reader reads, connection credit as bytes arrive", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => c.head(start.callId, { bodyFollows: true });
    const transport = transportTo(runtime);
    const stalled = await transport.call(request());
    const read = await transport.call(request());
    const peer = runtime.last;
    const piece = new Uint8Array(64 * 1024);
    const reader = (read.body as ReadableStream<Uint8Array>).getReader();
    for (let i = 0; i < 4; i++) peer.data(1, piece);
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 2; i++) peer.data(2, piece);
      for (let i = 0; i < 2; i++) await reader.read();
      await settled();
    }
    const granted = (callId: number) =>
      peer.grants.filter((grant) => grant.callId === callId).reduce(
        (sum, grant) => sum + grant.bytes,
        0,
      );
    expect(granted(1)).toBe(0);
    expect(granted(2)).toBe(8 * piece.length);
    expect(granted(0)).toBeGreaterThanOrEqual(512 * 1024);
    void stalled;
    await transport.close();
  });

  test("data before the head ends the connection: the body would have a hole", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => {
      c.data(start.callId, bytes("lost"));
      c.head(start.callId, { bodyFollows: true });
    };
    const error = await failure(transportTo(runtime).call(request()));
    expect(error.code).toBe("connection.lost");
    expect(error.message).toContain("data before its head");
  });

  test("data beyond the credit ends the connection", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => c.head(start.callId, { bodyFollows: true });
    const transport = transportTo(runtime);
    const { body } = await transport.call(request());
    for (let i = 0; i < 5; i++) runtime.last.data(1, new Uint8Array(64 * 1024));
    const error = await failure(text(body));
    expect(error).toMatchObject({ code: "connection.lost", sent: "committed" });
    expect(runtime.last.closed).toBe(true);
  });

  test("an error of the runtime arrives whole, before and after the head", async () => {
    const runtime = new FakeRuntime();
    const sent = new ConnectorError({
      errorClass: ErrorClass.RateLimited,
      code: "rate.limited",
      message: "later",
      origin: "upstream",
      sent: "maybe",
      status: 429,
      retryAfterMs: 1500,
      attempts: 2,
      requestId: "q",
    });
    runtime.onStart = (c, start) => {
      if (start.url === "/late") c.head(start.callId, { bodyFollows: true });
      c.end(start.callId, sent);
    };
    const transport = transportTo(runtime);
    expect((await failure(transport.call(request()))).toJSON()).toEqual(sent.toJSON());
    const late = await transport.call(request({ url: "/late" }));
    expect((await failure(text(late.body))).toJSON()).toEqual(sent.toJSON());
    await transport.close();
  });

  test("aborting before the head sends Cancel and rejects at once", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    const controller = new AbortController();
    const call = transport.call(request({ signal: controller.signal }));
    await settled();
    controller.abort("enough");
    const error = await failure(call);
    expect(error).toMatchObject({ code: "call.cancelled", origin: "caller", sent: "maybe" });
    expect(error.cause).toBe("enough");
    await settled();
    expect(runtime.last.cancelled).toEqual([1]);
    await transport.close();
  });

  test("aborting within the body errors the reader at once, what it did not read is dropped", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => {
      c.head(start.callId, { bodyFollows: true });
      c.data(start.callId, bytes("one"));
      c.data(start.callId, bytes("two"));
    };
    const transport = transportTo(runtime);
    const controller = new AbortController();
    const { body } = await transport.call(request({ signal: controller.signal }));
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    controller.abort();
    expect(await failure(reader.read())).toMatchObject({
      code: "call.cancelled",
      sent: "committed",
    });
    await settled();
    expect(runtime.last.cancelled).toEqual([1]);
    await transport.close();
  });

  test("giving the body up sends Cancel; after the end it does not", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => {
      c.head(start.callId, { bodyFollows: true });
      c.data(start.callId, bytes("one"));
      if (start.url === "/ended") c.end(start.callId);
    };
    const transport = transportTo(runtime);
    const open = await transport.call(request());
    await (open.body as ReadableStream<Uint8Array>).cancel();
    const ended = await transport.call(request({ url: "/ended" }));
    await (ended.body as ReadableStream<Uint8Array>).cancel();
    await settled();
    expect(runtime.last.cancelled).toEqual([1]);
    await transport.close();
  });

  test("a signal that is kept has no listeners left after the calls", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime);
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await transport.connect();
    await Promise.all(Array.from({ length: 20 }, () => transport.call(request({ signal }))));
    expect(listeners).toBe(0);
    await transport.close();
  });

  test("an aborted signal sends nothing", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime);
    await transport.connect();
    const call = transport.call(request({ signal: AbortSignal.abort() }));
    expect(await failure(call)).toMatchObject({ code: "call.cancelled", sent: "no" });
    await settled();
    expect(runtime.last.starts).toEqual([]);
    await transport.close();
  });

  test("a lost connection ends every call at once; the next one connects again", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => {
      if (start.url === "/stream") c.head(start.callId, { bodyFollows: true });
    };
    const transport = transportTo(runtime);
    const stream = await transport.call(request({ url: "/stream" }));
    const waiting = transport.call(request());
    runtime.last.data(1, bytes("one"));
    await settled();
    runtime.last.kill(new Error("ECONNRESET"));
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).value).toEqual(bytes("one"));
    expect(await failure(reader.read())).toMatchObject({
      errorClass: ErrorClass.Transient,
      code: "connection.lost",
      sent: "committed",
    });
    expect(await failure(waiting)).toMatchObject({
      errorClass: ErrorClass.Transient,
      code: "connection.lost",
      sent: "maybe",
    });
    runtime.onStart = (c, start) => c.head(start.callId);
    await Promise.all([transport.call(request()), transport.call(request())]);
    expect(runtime.dials).toBe(2);
    await transport.close();
  });

  test("many first callers share one connection", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime);
    await Promise.all(Array.from({ length: 50 }, () => transport.call(request())));
    await Promise.all([transport.connect(), transport.connect()]);
    expect(runtime.dials).toBe(1);
    await transport.close();
  });

  test("after GoAway open calls finish, new ones go elsewhere, the old connection is closed", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    const old = transport.call(request());
    await settled();
    const first = runtime.last;
    first.send(goAway, { code: "drain", message: "bye" });
    runtime.onStart = (c, start) => c.head(start.callId, { requestId: "new" });
    expect((await transport.call(request())).requestId).toBe("new");
    expect(runtime.dials).toBe(2);
    expect(first.closed).toBe(false);
    first.head(1, { requestId: "old" });
    expect((await old).requestId).toBe("old");
    expect(first.closed).toBe(true);
    await transport.close();
  });

  test("a call that crossed a GoAway is made again elsewhere, a streamed one cannot be", async () => {
    const runtime = new FakeRuntime();
    const refusal = new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "connection.going_away",
      message: "bye",
    });
    runtime.onStart = (c, start) =>
      runtime.connections.length === 1 ? c.end(start.callId, refusal) : c.head(start.callId);
    const transport = transportTo(runtime);
    expect((await transport.call(request({ body: bytes("again") }))).status).toBe(200);
    expect(runtime.dials).toBe(2);
    expect(runtime.last.starts[0]?.body).toEqual(bytes("again"));
    await transport.close();

    const other = new FakeRuntime();
    other.onStart = (c, start) => c.end(start.callId, refusal);
    const second = transportTo(other);
    const body = new Blob(["x"]).stream();
    expect(await failure(second.call(request({ method: "POST", body })))).toMatchObject({
      code: "connection.going_away",
    });
    await second.close();
  });

  test("a runtime that stays silent costs the timeout and a second, and is told to stop", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const clock = new FakeClock();
    const transport = transportTo(runtime, { clock });
    await transport.connect();
    const late = transport.call(request({ timeoutMs: 500 }));
    const patient = transport.call(request({ timeoutMs: 60_000 }));
    let settledLate = false;
    late.catch(() => settledLate = true);
    await settled();
    expect(clock.timers).toBe(1);
    clock.advance(1400);
    await settled();
    expect(settledLate).toBe(false);
    clock.advance(200);
    expect(await failure(late)).toMatchObject({
      errorClass: ErrorClass.Timeout,
      code: "deadline.exceeded",
      sent: "maybe",
    });
    await settled();
    expect(runtime.last.cancelled).toEqual([1]);
    runtime.last.head(2);
    expect((await patient).status).toBe(200);
    await transport.close();
    expect(clock.timers).toBe(0);
  });

  test("a runtime that does not answer at all after a missed deadline is abandoned", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    runtime.mute = true;
    const clock = new FakeClock();
    const transport = transportTo(runtime, { clock });
    await transport.connect();
    const late = transport.call(request({ timeoutMs: 500 }));
    const other = transport.call(request({ timeoutMs: 600_000 }));
    clock.advance(1500);
    expect(await failure(late)).toMatchObject({ code: "deadline.exceeded" });
    clock.advance(5000);
    expect(await failure(other)).toMatchObject({ code: "connection.lost" });
    runtime.onStart = (c, start) => c.head(start.callId);
    expect((await transport.call(request())).status).toBe(200);
    expect(runtime.dials).toBe(2);
    await transport.close();
  });

  test("calls of one timeout share one timer", async () => {
    const runtime = new FakeRuntime();
    const clock = new FakeClock();
    const transport = transportTo(runtime, { clock });
    await transport.connect();
    for (let i = 0; i < 10; i++) await transport.call(request());
    expect(clock.timers).toBe(1);
    await transport.close();
  });

  test("more open calls than the runtime takes are refused here", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    runtime.limits = { ...runtime.limits, maxOpenCalls: 1 };
    const transport = transportTo(runtime);
    await transport.connect();
    const first = transport.call(request());
    expect(await failure(transport.call(request()))).toMatchObject({
      errorClass: ErrorClass.RateLimited,
      code: "connection.too_many_calls",
      sent: "no",
    });
    await settled();
    runtime.last.head(1);
    await first;
    await transport.close();
  });

  test("a head that fits into no frame is refused without harm to the connection", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime);
    await transport.connect();
    for (
      const change of [
        { headers: [["x-big", "x".repeat(11_000_000)]] as const },
        { headers: Array.from({ length: 400_000 }, () => ["a", "b"] as const) },
        { traceId: "t".repeat(11_000_000) },
      ]
    ) {
      expect(await failure(transport.call(request(change)))).toMatchObject({
        code: "request.head_too_large",
      });
    }
    const odd = [["x", Symbol("not a string") as unknown as string]] as const;
    await failure(transport.call(request({ headers: odd })));
    expect(runtime.last.keptAlive).toBe(false);
    expect((await transport.call(request())).status).toBe(200);
    expect(runtime.dials).toBe(1);
    await transport.close();
  });

  test("close ends open calls with client.closed, and everything later too", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = (c, start) => {
      if (start.url === "/stream") c.head(start.callId, { bodyFollows: true });
    };
    const transport = transportTo(runtime);
    const stream = await transport.call(request({ url: "/stream" }));
    const waiting = transport.call(request());
    const health = transport.health();
    await settled();
    expect((await health).activeRequests).toBe(7);
    await Promise.all([transport.close(), transport.close()]);
    expect(await failure(waiting)).toMatchObject({ code: "client.closed", origin: "caller" });
    expect(await failure(text(stream.body))).toMatchObject({ code: "client.closed" });
    expect(await failure(transport.call(request()))).toMatchObject({ code: "client.closed" });
    expect(await failure(transport.health())).toMatchObject({ code: "client.closed" });
    expect(runtime.last.closed).toBe(true);
  });

  test("a health check that is never answered ends, and keeps no process alive", async () => {
    const runtime = new FakeRuntime();
    runtime.mute = true;
    const clock = new FakeClock();
    const transport = transportTo(runtime, { clock });
    await transport.connect();
    const health = failure(transport.health());
    await settled();
    expect(runtime.last.keptAlive).toBe(true);
    clock.advance(5000);
    expect(await health).toMatchObject({ code: "deadline.exceeded", errorClass: 4 });
    await settled();
    expect(runtime.last.keptAlive).toBe(false);
    await transport.close();
  });

  test("health checks are answered in order", async () => {
    const runtime = new FakeRuntime();
    const transport = transportTo(runtime);
    const [first, second] = await Promise.all([transport.health(), transport.health()]);
    expect(first).toEqual({
      healthy: true,
      message: "check 1",
      activeRequests: 7,
      availableCredits: 8,
    });
    expect(second.message).toBe("check 2");
    await transport.close();
  });

  test("the socket keeps the process alive only while something is under way", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    await transport.connect();
    expect(runtime.last.keptAlive).toBe(false);
    const call = transport.call(request());
    expect(runtime.last.keptAlive).toBe(true);
    await settled();
    runtime.last.head(1);
    await call;
    expect(runtime.last.keptAlive).toBe(false);
    await transport.close();
  });

  test("messages of a newer runtime are ignored, garbage ends the connection", async () => {
    const runtime = new FakeRuntime();
    runtime.onStart = () => {};
    const transport = transportTo(runtime);
    const call = transport.call(request());
    await settled();
    runtime.last.raw(Uint8Array.from([0, 0, 0, 2, 99, 1]));
    runtime.last.head(1);
    await call;
    const next = transport.call(request());
    await settled();
    runtime.last.raw(Uint8Array.from([255, 255, 255, 255, 0]));
    expect(await failure(next)).toMatchObject({ code: "connection.lost" });
  });
});
