import { describe, expect, test } from "bun:test";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { type CallRecord, createEngine } from "../../../src/engine/engine.ts";
import { answer, callTo, failure, never, rig, settle } from "./support.ts";

const ok = () => Promise.resolve(answer(200, "hello"));

describe("a call", () => {
  test("returns what the upstream said", async () => {
    const { engine, requests } = rig(() =>
      Promise.resolve(answer(404, "no", [["x-a", "1"], ["X-A", "2"]]))
    );
    const reply = await engine.call(
      callTo("https://a.example/x?y", {
        method: "post",
        body: new Uint8Array(3),
        headers: [["X-One", "1"]],
      }),
    );
    expect(reply.status).toBe(404);
    expect(reply.headers).toEqual([["x-a", "1"], ["X-A", "2"]]);
    expect(new TextDecoder().decode(reply.body as Uint8Array)).toBe("no");
    expect(reply.attempts).toBe(1);
    expect(reply.requestId).toMatch(/^[0-9a-f]{8}-1$/);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: "POST",
      pinned: { address: "8.8.8.8", family: 4 },
      connectTimeoutMs: 5_000,
    });
    expect(requests[0]?.url.href).toBe("https://a.example/x?y");
    expect(requests[0]?.headers).toContainEqual(["x-one", "1"]);
  });

  test.each([
    [{ method: "FOO" }, "request.method"],
    [{ url: "nonsense" }, "request.url"],
    [{ url: "ftp://a.example/" }, "request.scheme"],
    [{ url: "http://u:p@a.example/" }, "request.userinfo"],
    [{ headers: [["a", "b\r\nc: d"]] as const }, "request.header_value"],
    [{ headers: [["host", "b.example"]] as const }, "request.host_header"],
    [{ headers: Array.from({ length: 257 }, () => ["a", "b"] as const) }, "request.header_count"],
    [{ timeoutMs: 0 }, "request.timeout"],
    [{ timeoutMs: -1 }, "request.timeout"],
    [{ timeoutMs: NaN }, "request.timeout"],
  ])("that is none is refused before anything is sent: %j", async (part, code) => {
    const { engine, requests } = rig(ok);
    const error = await failure(engine.call({ ...callTo("https://a.example/"), ...part }));
    expect(error).toMatchObject({
      code,
      errorClass: ErrorClass.InvalidRequest,
      origin: "caller",
      sent: "no",
    });
    expect(error.requestId).toBeDefined();
    expect(requests).toEqual([]);
    expect(engine.stats().active).toBe(0);
  });

  test("to a forbidden place is refused, also behind a redirect", async () => {
    const { engine, requests, zone } = rig(() =>
      Promise.resolve(answer(302, "", [["location", "http://169.254.169.254/latest/"]]))
    );
    zone["private.example"] = ["10.0.0.1"];
    expect(await failure(engine.call(callTo("http://private.example/")))).toMatchObject({
      code: "egress.denied",
      sent: "no",
    });
    expect(requests).toHaveLength(0);
    expect((await failure(engine.call(callTo("http://a.example/")))).code).toBe("egress.denied");
    expect(requests).toHaveLength(1);
  });

  test("to a name that rebinds between two hops goes nowhere", async () => {
    const { engine, requests, zone, clock } = rig((request) => {
      zone["a.example"] = ["127.0.0.1"];
      clock.advance(60_001);
      return Promise.resolve(answer(302, "", [["location", `${request.url.pathname}x`]]));
    }, { maxCallMs: 1_000_000 });
    const error = await failure(
      engine.call(
        callTo("http://a.example/", {
          timeoutMs: 900_000,
          policy: { firstByteTimeoutMs: 900_000 },
        }),
      ),
    );
    expect(error.code).toBe("egress.denied");
    expect(requests).toHaveLength(1);
  });

  test("rules come from the environment too, and a wrong one is reported at once", async () => {
    const { engine } = rig(ok, { egress: { allow: ["10.0.0.1"] } }, {
      VASTAR_ALLOW: "10.0.0.2:80, *.internal.example",
    });
    expect((await engine.call(callTo("http://10.0.0.1/"))).status).toBe(200);
    expect((await engine.call(callTo("http://10.0.0.2/"))).status).toBe(200);
    expect((await failure(engine.call(callTo("http://10.0.0.3/")))).code).toBe("egress.denied");
    expect(() => rig(ok, {}, { VASTAR_ALLOW: "http://x/" })).toThrow("allow rule");
  });

  test("tries the next address of a host only when the first could not be connected to", async () => {
    const refused = new ConnectorError({
      errorClass: 1,
      code: "connect.refused",
      message: "x",
      sent: "no",
    });
    const reset = new ConnectorError({
      errorClass: 1,
      code: "upstream.reset",
      message: "x",
      sent: "maybe",
    });
    for (const [first, tried] of [[refused, 2], [reset, 1]] as const) {
      const { engine, requests, zone } = rig((request) =>
        request.pinned?.address === "8.8.8.8" ? Promise.reject(first) : ok()
      );
      zone["two.example"] = ["8.8.8.8", "10.0.0.1", "8.8.4.4"];
      const outcome = await engine.call(callTo("http://two.example/")).then(
        () => "ok",
        (e: ConnectorError) => e.code,
      );
      expect(outcome).toBe(tried === 2 ? "ok" : "upstream.reset");
      expect(requests.map((r) => r.pinned?.address)).toEqual(
        ["8.8.8.8", "8.8.4.4"].slice(0, tried),
      );
    }
  });
});

describe("redirects", () => {
  const bounce = () => Promise.resolve(answer(302, "", [["location", "/again"]]));

  test("are followed ten times by default", async () => {
    const { engine, requests } = rig(bounce);
    expect(await failure(engine.call(callTo("http://a.example/")))).toMatchObject({
      code: "redirect.too_many",
      errorClass: ErrorClass.Permanent,
    });
    expect(requests).toHaveLength(11);
  });

  test("as often as the policy says; with 0 the redirect is the answer", async () => {
    const one = rig(bounce);
    const policy = { maxRedirects: 1 };
    expect((await failure(one.engine.call(callTo("http://a.example/", { policy })))).code).toBe(
      "redirect.too_many",
    );
    expect(one.requests).toHaveLength(2);
    const none = rig(bounce);
    expect(
      (await none.engine.call(callTo("http://a.example/", { policy: { maxRedirects: 0 } }))).status,
    ).toBe(302);
  });

  test("do not carry secrets to another origin", async () => {
    const { engine, requests } = rig((request) =>
      Promise.resolve(
        request.url.host === "a.example"
          ? answer(307, "", [["Location", "http://b.example/"]])
          : answer(200),
      )
    );
    await engine.call(callTo("http://a.example/", {
      headers: [["Authorization", "Bearer x"], ["X-Token", "y"], ["Accept", "text/plain"]],
      policy: { secretHeaders: ["x-token"] },
    }));
    const names = requests.map((request) => request.headers.map(([name]) => name));
    expect(names[0]).toEqual([
      "authorization",
      "x-token",
      "accept",
      "accept-encoding",
      "user-agent",
    ]);
    expect(names[1]).toEqual(["accept", "accept-encoding", "user-agent"]);
    expect(requests[1]?.pinned?.address).toBe("8.8.4.4");
  });
});

describe("time", () => {
  test("the deadline ends a call waiting for its response", async () => {
    const { engine, clock, requests } = rig(never);
    const call = failure(engine.call(callTo("http://a.example/", { timeoutMs: 500 })));
    await settle();
    clock.advance(499);
    expect(requests[0]?.signal.aborted).toBe(false);
    clock.advance(1);
    expect(await call).toMatchObject({
      code: "deadline.exceeded",
      errorClass: ErrorClass.Timeout,
      origin: "upstream",
      sent: "maybe",
      attempts: 1,
    });
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test("the deadline covers the resolver", async () => {
    const { engine, clock, zone } = rig(ok);
    Object.defineProperty(zone, "slow.example", {
      get: () => ({ map: () => new Promise(() => {}) }),
    });
    const call = failure(engine.call(callTo("http://slow.example/", { timeoutMs: 500 })));
    await settle();
    clock.advance(500);
    expect(await call).toMatchObject({
      code: "deadline.exceeded",
      origin: "local",
      sent: "no",
      attempts: 0,
    });
  });

  test("the deadline ends a stream, whether it is being read or not", async () => {
    for (const reading of [true, false]) {
      let cancelled: unknown;
      const { engine, clock } = rig(() =>
        Promise.resolve({
          status: 200,
          headers: [],
          body: new ReadableStream<Uint8Array>({ cancel: (reason) => void (cancelled = reason) }),
        })
      );
      const { body } = await engine.call(callTo("http://a.example/", { timeoutMs: 500 }));
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      const read = reading ? failure(reader.read()) : undefined;
      await settle();
      expect(engine.stats().active).toBe(1);
      clock.advance(500);
      expect(await (read ?? failure(reader.read()))).toMatchObject({
        code: "deadline.exceeded",
        sent: "committed",
      });
      expect(cancelled).toMatchObject({ code: "deadline.exceeded" });
      expect(engine.stats().active).toBe(0);
    }
  });

  test("a longer wish than the operator's limit is cut", async () => {
    const { engine, clock } = rig(never, { maxCallMs: 1_000 });
    const call = failure(engine.call(callTo("http://a.example/", { timeoutMs: Infinity })));
    await settle();
    clock.advance(1_000);
    expect((await call).message).toContain("1000 ms");
  });

  test("first byte: by default, by policy, and never before the deadline that comes earlier", async () => {
    const { engine, clock } = rig(never, { firstByteTimeoutMs: 3_000 });
    const byDefault = failure(engine.call(callTo("http://a.example/")));
    const byPolicy = failure(
      engine.call(callTo("http://a.example/", { policy: { firstByteTimeoutMs: 1_000 } })),
    );
    const byDeadline = failure(engine.call(callTo("http://a.example/", { timeoutMs: 2_000 })));
    await settle();
    clock.advance(3_000);
    expect(await byDefault).toMatchObject({
      code: "timeout.first_byte",
      errorClass: 4,
      sent: "maybe",
    });
    expect((await byPolicy).message).toContain("1000 ms");
    expect((await byDeadline).code).toBe("deadline.exceeded");
  });

  test("idle: counts only while the caller waits, and every piece starts it anew", async () => {
    let source: ReadableStreamDefaultController<Uint8Array> | undefined;
    const { engine, clock } = rig(() =>
      Promise.resolve({
        status: 200,
        headers: [],
        body: new ReadableStream<Uint8Array>({ start: (controller) => void (source = controller) }),
      })
    );
    const policy = { idleTimeoutMs: 1_000 };
    const { body } = await engine.call(callTo("http://a.example/", { timeoutMs: 100_000, policy }));
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    clock.advance(5_000);
    let read = reader.read();
    await settle();
    clock.advance(999);
    source?.enqueue(new Uint8Array([1]));
    expect(await read).toEqual({ done: false, value: new Uint8Array([1]) });
    clock.advance(5_000);
    read = reader.read();
    await settle();
    clock.advance(1_000);
    expect(await failure(read)).toMatchObject({
      code: "timeout.idle",
      errorClass: 4,
      sent: "committed",
    });
  });

  test("each call has a timer of its own where timers belong to requests", async () => {
    const { engine, clock } = rig(never, {}, {}, "workerd");
    const calls = [1_000, 1_000].map((timeoutMs) =>
      failure(engine.call(callTo("http://a.example/", { timeoutMs })))
    );
    await settle();
    expect(clock.pending).toBe(2);
    clock.advance(1_000);
    for (const call of calls) expect((await call).code).toBe("deadline.exceeded");
    expect(clock.pending).toBe(0);
  });

  test("no timer is left behind", async () => {
    const { engine, clock } = rig(ok);
    await engine.call(callTo("http://a.example/", { policy: { firstByteTimeoutMs: 100 } }));
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });
});

describe("cancelling", () => {
  test("by the caller's signal, before, during and after", async () => {
    const { engine, requests } = rig(never);
    const before = AbortSignal.abort(new Error("why"));
    expect(await failure(engine.call(callTo("http://a.example/", { signal: before }))))
      .toMatchObject({
        code: "call.cancelled",
        errorClass: ErrorClass.Permanent,
        origin: "caller",
        sent: "no",
      });
    expect(requests).toHaveLength(0);

    const during = new AbortController();
    const call = failure(engine.call(callTo("http://a.example/", { signal: during.signal })));
    await settle();
    during.abort();
    expect(await call).toMatchObject({
      code: "call.cancelled",
      sent: "maybe",
      message: "The caller cancelled the call",
    });
    expect(requests[0]?.signal.aborted).toBe(true);

    const after = new AbortController();
    const done = rig(ok);
    await done.engine.call(callTo("http://a.example/", { signal: after.signal }));
    after.abort();
    expect(done.requests[0]?.signal.aborted).toBe(false);
  });

  test("with a ConnectorError of the caller's own keeps its code", async () => {
    const { engine } = rig(never);
    const controller = new AbortController();
    const call = failure(engine.call(callTo("http://a.example/", { signal: controller.signal })));
    await settle();
    controller.abort(
      new ConnectorError({ errorClass: 1, code: "connection.lost", message: "the client is gone" }),
    );
    expect(await call).toMatchObject({ code: "connection.lost", errorClass: 1 });
  });

  test("the stream stops the upstream", async () => {
    let cancelled = false;
    const { engine, requests } = rig(() =>
      Promise.resolve({
        status: 200,
        headers: [],
        body: new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(new Uint8Array(1)),
          cancel: () => void (cancelled = true),
        }),
      })
    );
    const { body } = await engine.call(callTo("http://a.example/"));
    for await (const piece of body as ReadableStream<Uint8Array>) {
      expect(piece).toHaveLength(1);
      break;
    }
    await settle();
    expect(cancelled).toBe(true);
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(engine.stats()).toMatchObject({ active: 0, bytesIn: 1 });
  });

  test("gives the request body back to its source", async () => {
    let reason: unknown;
    const { engine } = rig((request) => {
      void (request.body as ReadableStream<Uint8Array>).getReader().read();
      return new Promise(() => {});
    });
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(5)),
      cancel: (why) => void (reason = why),
    });
    const controller = new AbortController();
    const call = failure(
      engine.call(callTo("http://a.example/", { method: "POST", body, signal: controller.signal })),
    );
    await settle();
    controller.abort();
    await call;
    expect(reason).toMatchObject({ code: "call.cancelled" });
  });

  test("a request body that fails ends the call as the caller's fault", async () => {
    const { engine, requests } = rig((request) =>
      (request.body as ReadableStream<Uint8Array>).getReader().read().then(() =>
        new Promise(() => {})
      )
    );
    const body = new ReadableStream<Uint8Array>({
      pull: () => Promise.reject(new Error("disk gone")),
    });
    const error = await failure(engine.call(callTo("http://a.example/", { method: "PUT", body })));
    expect(error).toMatchObject({ code: "request.body_failed", origin: "caller" });
    expect(error.message).toContain("disk gone");
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test.each([[30, 5], [30, 2]])(
    "a streamed body of another length than the %d bytes announced",
    async (length, pieces) => {
      const { engine } = rig(async (request) => {
        const reader = (request.body as ReadableStream<Uint8Array>).getReader();
        while (!(await reader.read()).done);
        return answer(200);
      });
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (pieces-- > 0) controller.enqueue(new Uint8Array(10));
          else controller.close();
        },
      });
      const headers = [["Content-Length", String(length)]] as const;
      const error = await failure(
        engine.call(callTo("http://a.example/", { method: "PUT", body, headers })),
      );
      expect(error).toMatchObject({
        code: "request.content_length",
        errorClass: 5,
        origin: "caller",
      });
    },
  );

  test("closing the engine ends what runs and refuses what comes", async () => {
    const made = rig(never);
    const { engine, clock } = made;
    const running = failure(engine.call(callTo("http://a.example/")));
    await settle();
    await engine.close();
    await engine.close();
    expect(await running).toMatchObject({ code: "client.closed", sent: "maybe" });
    expect(made.closed).toBe(true);
    expect((await failure(engine.call(callTo("http://a.example/")))).code).toBe("client.closed");
    expect((await failure(engine.connect())).code).toBe("client.closed");
    expect(await engine.health()).toMatchObject({ healthy: false, activeRequests: 0 });
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });
});

describe("books", () => {
  test("count by class, bytes both ways, and hand over a record without secrets", async () => {
    const records: CallRecord[] = [];
    const statuses = [200, 404, 429, 503];
    const { engine, clock } = rig(() => {
      clock.advance(5);
      return Promise.resolve(answer(statuses.shift() ?? 200, "four"));
    }, { onCall: (record) => records.push(record) });
    for (let i = 0; i < 4; i++) {
      await engine.call(
        callTo("https://a.example/?key=secret", { method: "PUT", body: new Uint8Array(10) }),
      );
    }
    await failure(engine.call(callTo("nonsense")));
    expect(engine.stats()).toEqual({
      active: 0,
      total: 5,
      byClass: {
        Success: 1,
        Permanent: 1,
        RateLimited: 1,
        Transient: 1,
        Timeout: 0,
        InvalidRequest: 1,
      },
      bytesIn: 16,
      bytesOut: 40,
      durationMs: 20,
    });
    expect(records).toHaveLength(5);
    expect(records[0]).toEqual({
      id: expect.stringMatching(/-1$/),
      tenantId: "t",
      connector: "http",
      operation: "request",
      method: "PUT",
      host: "a.example",
      status: 200,
      errorClass: 0,
      code: undefined,
      attempts: 1,
      waitedMs: 0,
      queuedMs: 0,
      hedges: 0,
      durationMs: 5,
      bytesIn: 4,
      bytesOut: 10,
      trace: undefined,
    });
    expect(records[4]).toMatchObject({ code: "request.url", host: "", status: 0, attempts: 0 });
    expect(JSON.stringify(records)).not.toContain("secret");
  });

  test("a stream counts as active until its last byte", async () => {
    const { engine } = rig(() =>
      Promise.resolve({
        status: 200,
        headers: [],
        body: new Response("streamed").body as ReadableStream<Uint8Array>,
      })
    );
    const { body } = await engine.call(callTo("http://a.example/"));
    expect(engine.stats()).toMatchObject({ active: 1 });
    expect((await engine.health()).activeRequests).toBe(1);
    expect(await new Response(body as ReadableStream<Uint8Array>).text()).toBe("streamed");
    expect(engine.stats()).toMatchObject({ active: 0, bytesIn: 8, byClass: { Success: 1 } });
  });

  test("a stream may be asked for several pieces before the first is there", async () => {
    let feed!: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (feed = controller),
    });
    const { engine } = rig(() => Promise.resolve({ status: 200, headers: [], body: stream }));
    const { body } = await engine.call(callTo("https://a.example/"));
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const reads = Promise.all([reader.read(), reader.read(), reader.read()]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    feed.enqueue(Uint8Array.of(1));
    feed.enqueue(Uint8Array.of(2));
    feed.close();
    expect((await reads).map(({ value }) => value?.[0])).toEqual([1, 2, undefined]);
    expect(engine.stats().active).toBe(0);
  });

  test("a stream that breaks counts as what broke it, and its error names the call", async () => {
    const { engine } = rig(() =>
      Promise.resolve({
        status: 200,
        headers: [],
        body: new ReadableStream<Uint8Array>({
          pull: () => Promise.reject(Object.assign(new Error("aborted"), { code: "ECONNRESET" })),
        }),
      })
    );
    const { body, requestId } = await engine.call(callTo("http://a.example/"));
    const error = await failure((body as ReadableStream<Uint8Array>).getReader().read());
    expect(error).toMatchObject({
      code: "upstream.truncated",
      errorClass: 2,
      sent: "committed",
      requestId,
      attempts: 1,
    });
    expect(engine.stats().byClass.Permanent).toBe(1);
  });
});

test.each([
  { maxCallMs: 0 },
  { connectTimeoutMs: -1 },
  { firstByteTimeoutMs: NaN },
  { idleTimeoutMs: 1.5 },
  { maxRedirects: -1 },
  { maxHeaderFields: 0 },
  { upstream: { maxInflationRatio: 0 } },
  { upstream: { wholeBodyBytes: Infinity } },
])("refuses nonsense in its options: %j", (options) => {
  const name = Object.keys("upstream" in options ? options.upstream as object : options)[0] ?? "";
  const { engine: _, ...rest } = rig(ok);
  expect(rest).toBeDefined();
  expect(() => rig(ok, options)).toThrow(name);
});

test("times that no timer holds become the longest that one does", async () => {
  const byOption = rig(ok, { connectTimeoutMs: 2 ** 31 });
  await byOption.engine.call(callTo("http://a.example/"));
  expect(byOption.requests[0]?.connectTimeoutMs).toBe(2 ** 31 - 1);
  const byPolicy = rig(ok, { maxCallMs: 2 ** 40 });
  for (const connectTimeoutMs of [2 ** 31, Infinity]) {
    await byPolicy.engine.call(callTo("http://a.example/", { policy: { connectTimeoutMs } }));
    expect(byPolicy.requests.at(-1)?.connectTimeoutMs).toBe(2 ** 31 - 1);
  }
});

describe("what a policy asks for beyond the operator's limits is cut to them", () => {
  const bounce = () => Promise.resolve(answer(302, "", [["location", "/"]]));
  const greedy = {
    connectTimeoutMs: 9_000,
    firstByteTimeoutMs: 9_000,
    idleTimeoutMs: 9_000,
    maxRedirects: 65_000,
  };
  const to = (part: { timeoutMs?: number } = {}) =>
    callTo("http://a.example/", { policy: greedy, ...part });

  test.each([
    [{ connectTimeoutMs: 7_000 }, 7_000],
    [{ maxCallMs: 8_000 }, 8_000],
    [{}, 9_000],
  ])("connect: %j", async (options, ms) => {
    const { engine, requests } = rig(ok, options);
    await engine.call(to());
    expect(requests[0]?.connectTimeoutMs).toBe(ms);
  });

  test.each([
    [{ firstByteTimeoutMs: 7_000 }, 7_000],
    [{}, 9_000],
  ])("first byte: %j", async (options, ms) => {
    const { engine, clock } = rig(never, options);
    const call = failure(engine.call(to()));
    await settle();
    clock.advance(ms);
    expect(await call).toMatchObject({ code: "timeout.first_byte" });
    expect((await call).message).toContain(`within ${ms} ms`);
  });

  test.each([
    [{ idleTimeoutMs: 7_000 }, 7_000],
    [{}, 9_000],
  ])("idle: %j", async (options, ms) => {
    const silent = { status: 200, headers: [], body: new ReadableStream<Uint8Array>() };
    const { engine, clock } = rig(() => Promise.resolve(silent), options);
    const { body } = await engine.call(to());
    const read = failure((body as ReadableStream<Uint8Array>).getReader().read());
    await settle();
    clock.advance(ms);
    expect((await read).message).toContain(`for ${ms} ms`);
  });

  test.each([
    [{ maxRedirects: 3 }, 3],
    [{ maxRedirects: 0 }, 0],
    [{}, 20],
  ])("redirects: %j", async (options, most) => {
    const { engine, requests } = rig(bounce, options);
    if (most > 0) expect((await failure(engine.call(to()))).code).toBe("redirect.too_many");
    else expect((await engine.call(to())).status).toBe(302);
    expect(requests).toHaveLength(most + 1);
  });

  test("the whole call", async () => {
    const { engine, clock } = rig(never, { maxCallMs: 8_000 });
    const call = failure(engine.call(to({ timeoutMs: 20_000 })));
    await settle();
    clock.advance(8_000);
    expect((await call).message).toContain("deadline of 8000 ms");
  });
});

test("creating an engine touches nothing", () => {
  let touched = 0;
  createEngine({}, {
    platform: {
      name: "web",
      dial: () => Promise.reject(touched++),
      createUpstream: () => Promise.reject(touched++),
      env: () => undefined,
    },
  });
  expect(touched).toBe(0);
});
