import { afterEach, describe, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { ErrorClass } from "../../../src/core/errors.ts";
import { executeResponse } from "../../../src/wire/mod.ts";
import { pattern } from "./support/fake_engine.ts";
import { type Harness, startDaemon, until } from "./support/harness.ts";
import {
  baseBody,
  baseRequest,
  concat,
  encoded,
  frame,
  type WireClient,
} from "./support/wire_client.ts";

const at = (path: string) => `http://upstream.test${path}`;
const URL_OK = "http://upstream.test/";
let open: Harness | undefined;
afterEach(async () => {
  await open?.stop();
  open = undefined;
});
async function start(options: Parameters<typeof startDaemon>[0] = {}): Promise<Harness> {
  return open = await startDaemon(options);
}

async function answer(client: WireClient, payload: unknown, options = {}) {
  client.bytes(baseRequest(1, payload, options));
  return (await client.next("response")).message;
}

describe("base requests", () => {
  test("a request is executed as it says and answered with its JSON", async () => {
    const { engine, ...daemon } = await start();
    const response = await answer(daemon.client(), {
      method: "POST",
      url: "http://upstream.test/echo",
      headers: { "x-one": "1", "x-many": ["a", "b"] },
      body: "héllo",
      timeout_ms: 1234,
    }, { traceId: "trace-1", headers: [["Idempotency-Key", "k"], ["traceparent", "00-ab-cd-01"]] });
    expect(response.errorClass).toBe(ErrorClass.Success);
    expect(response.requestId).toBe(1n);
    expect(response.durationUs).toBeGreaterThan(0);
    expect(baseBody(response)).toEqual({
      body: "héllo",
      headers: {},
      is_streaming: false,
      status_code: 200,
    });
    const { signal: _, body, ...call } = engine.calls[0]!;
    expect(new TextDecoder().decode(body as Uint8Array)).toBe("héllo");
    expect(call).toEqual({
      tenantId: "acme",
      workspaceId: "prod",
      traceId: "trace-1",
      connector: "http",
      operation: "request",
      method: "POST",
      url: "http://upstream.test/echo",
      headers: [["x-one", "1"], ["x-many", "a"], ["x-many", "b"]],
      timeoutMs: 1234,
      idempotencyKey: "k",
      traceparent: "00-ab-cd-01",
    });
  });

  test("the method is GET, the timeout 60 s and the body none unless said otherwise", async () => {
    const { engine, ...daemon } = await start();
    await answer(daemon.client(), { url: URL_OK });
    expect(engine.calls[0]).toMatchObject({ method: "GET", timeoutMs: 60_000, body: null });
  });

  test("bytes that are not UTF-8 are returned exactly, along with lossy text", async () => {
    const daemon = await start();
    const response = await answer(daemon.client(), { url: "http://upstream.test/bytes?size=256" });
    const body = baseBody(response);
    expect(body.body_encoding).toBe("base64");
    expect([...Buffer.from(body.body_base64!, "base64")]).toEqual([...pattern(256)]);
    expect(body.body.startsWith("\0\u0001")).toBe(true);
    expect(body.headers).toEqual({
      "content-type": "application/octet-stream",
      "set-cookie": "a=1, x\nb=2",
      vary: "a, b",
    });
  });

  test("a request body may be base64 too, and text keeps its byte order mark", async () => {
    const daemon = await start();
    const client = daemon.client();
    const url = "http://upstream.test/echo";
    const base64 = Buffer.from(pattern(256)).toString("base64");
    const binary = baseBody(
      await answer(client, { method: "PUT", url, body_encoding: "base64", body_base64: base64 }),
    );
    expect(binary.body_base64).toBe(base64);
    const marked = baseBody(await answer(client, { method: "PUT", url, body: "\ufeffx" }));
    expect(marked.body).toBe("\ufeffx");
    expect(marked.body_base64).toBeUndefined();
  });

  test("a streamed response is collected, up to the limit", async () => {
    const daemon = await start({ maxBaseBodyBytes: 100_000 });
    const client = daemon.client();
    const size = 90_000;
    const body = baseBody(
      await answer(client, { url: `http://upstream.test/stream?size=${size}` }),
    );
    expect(Buffer.from(body.body_base64!, "base64").equals(pattern(size))).toBe(true);
    const endless = await answer(client, { url: "http://upstream.test/endless" });
    expect(endless.errorClass).toBe(ErrorClass.Permanent);
    expect(endless.errorMessage).toContain("100000 bytes");
    expect(daemon.engine.pulled.get("http://upstream.test/endless")).toBeLessThan(150_000);
  });

  test("failures carry their class and no payload", async () => {
    const daemon = await start();
    const client = daemon.client();
    const failed = await answer(client, { url: "http://upstream.test/error" });
    expect([failed.errorClass, failed.errorMessage, failed.payload.length]).toEqual([
      ErrorClass.Transient,
      "the upstream reset the connection",
      0,
    ]);
    const late = await answer(client, { url: "http://upstream.test/broken?size=40000" });
    expect(late.errorClass).toBe(ErrorClass.Transient);
    const strange = await answer(client, { url: "http://upstream.test/throw" });
    expect(strange.errorClass).toBe(ErrorClass.Permanent);
    expect(daemon.daemon.stats()).toMatchObject({ callsActive: 0, callsTotal: 3 });
  });

  const wrong: [name: string, payload: unknown, options: object, message: RegExp][] = [
    ["no JSON", "{", {}, /not JSON/],
    ["no payload", "", {}, /empty/],
    ["an array", [], {}, /not a JSON object/],
    ["no url", {}, {}, /"url" is missing/],
    ["a url of another type", { url: 1 }, {}, /"url" is a number/],
    ["headers that are not an object", { url: URL_OK, headers: "x" }, {}, /"headers" is a string/],
    [
      "more headers than a list may have",
      { url: URL_OK, headers: { a: new Array(4097).fill(1) } },
      {},
      /"headers" has more than 4096 values/,
    ],
    [
      "a header that is an object",
      { url: URL_OK, headers: { a: {} } },
      {},
      /header "a" is an object/,
    ],
    ["a negative timeout", { url: URL_OK, timeout_ms: -1 }, {}, /"timeout_ms" is -1/],
    ["an unknown encoding", { url: URL_OK, body_encoding: "hex" }, {}, /not "base64"/],
    ["bad base64", { url: URL_OK, body_encoding: "base64", body_base64: "%%" }, {}, /not base64/],
    ["an unknown connector", { url: URL_OK }, { connector: "htp" }, /Did you mean "http"/],
    ["an unknown operation", { url: URL_OK }, { operation: "get" }, /It has "request"/],
  ];
  for (const [name, payload, options, message] of wrong) {
    test(`${name} is an InvalidRequest with its request id`, async () => {
      const daemon = await start();
      const response = await answer(daemon.client(), payload, options);
      expect(response.requestId).toBe(1n);
      expect(response.errorClass).toBe(ErrorClass.InvalidRequest);
      expect(response.errorMessage).toMatch(message);
      expect(daemon.engine.calls.length).toBe(0);
    });
  }

  test("a payload that is not UTF-8 is refused", async () => {
    const daemon = await start();
    const response = await answer(daemon.client(), "", { payload: new Uint8Array([0x7b, 0xff]) });
    expect(response.errorMessage).toMatch(/not UTF-8/);
  });

  test("the earlier of deadline and timeout counts; a past deadline sends nothing", async () => {
    const { engine, ...daemon } = await start();
    const client = daemon.client();
    await answer(client, { url: URL_OK, timeout_ms: 500 }, { deadlineAtMs: Date.now() + 30_000 });
    await answer(client, { url: URL_OK, timeout_ms: 50_000 }, {
      deadlineAtMs: Date.now() + 30_000,
    });
    expect(engine.calls[0]?.timeoutMs).toBe(500);
    expect(engine.calls[1]?.timeoutMs).toBeGreaterThan(20_000);
    expect(engine.calls[1]?.timeoutMs).toBeLessThanOrEqual(30_000);
    const late = await answer(client, { url: URL_OK }, { deadlineAtMs: Date.now() - 5 });
    expect(late.errorClass).toBe(ErrorClass.Timeout);
    expect(engine.calls.length).toBe(2);
  });

  test("answers come as they are ready: a slow call does not delay a fast one", async () => {
    const { engine, ...daemon } = await start();
    const client = daemon.client();
    const slow = "http://upstream.test/held/1";
    client.bytes(baseRequest(1, { url: slow }), baseRequest(2, { url: URL_OK }));
    expect((await client.next("response")).message.requestId).toBe(2n);
    engine.release(slow);
    expect((await client.next("response")).message.requestId).toBe(1n);
  });

  test("request ids are the client's: 64 bits, repeats allowed", async () => {
    const { engine, ...daemon } = await start();
    const client = daemon.client();
    const requestId = 0xffff_ffff_ffff_fffen;
    const held = [1, 2].map((n) => `http://upstream.test/held/${n}`);
    for (const url of held) client.bytes(baseRequest(0, { url }, { requestId }));
    await until(() => engine.calls.length === 2);
    for (const url of held) engine.release(url);
    expect((await client.next("response")).message.requestId).toBe(requestId);
    expect((await client.next("response")).message.requestId).toBe(requestId);
  });

  test("a disconnect aborts what the client waited for", async () => {
    const { engine, daemon, ...rest } = await start();
    const client = rest.client();
    for (const id of [1, 2]) {
      client.bytes(baseRequest(id, { url: `http://upstream.test/held/${id}` }));
    }
    await until(() => engine.calls.length === 2);
    client.close();
    await until(() => engine.aborted.length === 2);
    expect(engine.aborted[0]?.[1].code).toBe("call.cancelled");
    await until(() => daemon.stats().connections === 0);
    expect(daemon.stats().callsActive).toBe(0);
  });

  test("calls above the limit of a connection are RateLimited, the others unharmed", async () => {
    const { engine, ...daemon } = await start({ maxOpenCalls: 3 });
    const client = daemon.client();
    const urls = [1, 2, 3].map((n) => `http://upstream.test/held/${n}`);
    for (const [index, url] of urls.entries()) client.bytes(baseRequest(index, { url }));
    client.bytes(baseRequest(9, { url: URL_OK }));
    const refused = (await client.next("response")).message;
    expect([refused.requestId, refused.errorClass]).toEqual([9n, ErrorClass.RateLimited]);
    await until(() => engine.calls.length === 3);
    for (const url of urls) engine.release(url);
    for (const _ of urls) {
      expect((await client.next("response")).message.errorClass).toBe(ErrorClass.Success);
    }
    client.bytes(baseRequest(10, { url: URL_OK }));
    expect((await client.next("response")).message.errorClass).toBe(ErrorClass.Success);
  });

  test("requests and collected responses share a limit of bytes, which open calls give back", async () => {
    const daemon = await start({ maxHeldBytes: 300_000 });
    const client = daemon.client();
    const body = "x".repeat(200_000);
    client.bytes(baseRequest(1, { method: "POST", url: at("/held/1"), body }));
    await until(() => daemon.engine.calls.length === 1);
    client.bytes(baseRequest(2, { method: "POST", url: at("/held/2"), body }));
    client.bytes(baseRequest(3, { url: at("/stream?size=150000") }));
    for (const id of [2, 3]) {
      const { message } = await client.next("response");
      expect(Number(message.requestId)).toBe(id);
      expect(message.errorClass).toBe(ErrorClass.RateLimited);
      expect(message.errorMessage).toContain("300000 bytes");
    }
    daemon.engine.release(at("/held/1"));
    await client.next("response");
    client.bytes(baseRequest(4, { url: at("/stream?size=150000") }));
    expect((await client.next("response")).message.errorClass).toBe(ErrorClass.Success);
    client.bytes(baseRequest(5, { method: "POST", url: at("/echo"), body }));
    expect((await client.next("response")).message.errorClass).toBe(ErrorClass.Success);
  });
});

describe("frames", () => {
  test("survive any slicing: one byte at a time, and hundreds in one write", async () => {
    const daemon = await start();
    const client = daemon.client();
    const one = baseRequest(5, { url: URL_OK });
    for (const byte of concat([one, frame(2)])) {
      client.bytes(new Uint8Array([byte]));
      await new Promise((resolve) => client.socket.write("", resolve));
    }
    expect((await client.next("response")).message.requestId).toBe(5n);
    await client.next("health");
    const many = Array.from({ length: 500 }, (_, index) => baseRequest(index, { url: URL_OK }));
    client.bytes(concat(many));
    const seen = new Set<bigint>();
    for (const _ of many) seen.add((await client.next("response")).message.requestId);
    expect(seen.size).toBe(500);
  });

  test("health tells the true figures, in any state of the connection", async () => {
    const { engine, daemon, ...rest } = await start({ maxOpenCalls: 10 });
    const client = rest.client();
    client.bytes(frame(2));
    expect((await client.next("health")).message).toEqual({
      healthy: true,
      message: "ok",
      activeRequests: 0,
      availableCredits: 10,
    });
    const url = "http://upstream.test/held/1";
    client.bytes(baseRequest(1, { url }));
    await until(() => engine.calls.length === 1);
    client.bytes(frame(2, new Uint8Array([1, 2, 3])));
    expect((await client.next("health")).message).toMatchObject({
      activeRequests: 1,
      availableCredits: 9,
    });
    const other = rest.client();
    other.bytes(frame(2));
    expect((await other.next("health")).message).toMatchObject({
      activeRequests: 1,
      availableCredits: 10,
    });
    engine.release(url);
    await client.next("response");
    client.bytes(frame(2));
    expect((await client.next("health")).message.activeRequests).toBe(0);
    expect(daemon.stats().callsByClass[ErrorClass.Success]).toBe(1);
  });

  test("garbage is answered and forgiven, eight times in a row it is not", async () => {
    const { daemon, ...rest } = await start();
    const client = rest.client();
    const other = rest.client();
    other.bytes(frame(2));
    await other.next("health");
    const garbage = frame(0, new Uint8Array(40).fill(0xab));
    for (let i = 0; i < 7; i++) client.bytes(i % 2 ? garbage : frame(99));
    for (let i = 0; i < 7; i++) {
      const { message } = await client.next("response");
      expect([message.requestId, message.errorClass]).toEqual([0n, ErrorClass.InvalidRequest]);
    }
    client.bytes(baseRequest(3, { url: URL_OK }));
    expect((await client.next("response")).message.requestId).toBe(3n);
    for (let i = 0; i < 9; i++) client.bytes(garbage);
    for (let i = 0; i < 8; i++) await client.next("response");
    await client.untilClosed();
    expect(client.received).toEqual([]);
    expect(daemon.stats().framesRefused).toBe(15);
    other.bytes(baseRequest(4, { url: URL_OK }));
    expect((await other.next("response")).message.requestId).toBe(4n);
  });

  for (
    const [name, header] of [
      ["oversize", 0xffff_ffff],
      ["one byte too long", 10 * 1024 * 1024 + 1],
      ["empty", 0],
    ] as const
  ) {
    test(`a frame that is ${name}: a reply, then that connection is closed`, async () => {
      const { engine, ...daemon } = await start();
      const client = daemon.client();
      const other = daemon.client();
      const held = "http://upstream.test/held/1";
      other.bytes(baseRequest(1, { url: held }));
      await until(() => engine.calls.length === 1);
      const bytes = new Uint8Array(5 + 100_000);
      new DataView(bytes.buffer).setUint32(0, header);
      client.bytes(bytes);
      const { message } = await client.next("response");
      expect([message.requestId, message.errorClass]).toEqual([0n, ErrorClass.InvalidRequest]);
      await client.untilClosed();
      engine.release(held);
      expect((await other.next("response")).message.errorClass).toBe(ErrorClass.Success);
    });
  }

  test("the largest frame is still taken", async () => {
    const daemon = await start();
    const client = daemon.client();
    const overhead = baseRequest(1, { url: URL_OK, body: "" }).length;
    const body = "x".repeat(10 * 1024 * 1024 + 4 - overhead - 8);
    client.bytes(baseRequest(1, { url: URL_OK, body }));
    expect((await client.next("response")).message.errorClass).toBe(ErrorClass.Success);
    expect((daemon.engine.calls[0]?.body as Uint8Array | undefined)?.length).toBe(body.length);
  });

  test("a frame cut off by a disconnect leaves nothing behind", async () => {
    const { daemon, engine, ...rest } = await start();
    const client = rest.client();
    client.bytes(baseRequest(1, { url: URL_OK }).subarray(0, 30));
    await until(() => daemon.stats().connections === 1);
    client.socket.end();
    await until(() => daemon.stats().connections === 0);
    expect(engine.calls.length).toBe(0);
  });

  test("of many refused frames the first is logged, the others are counted", async () => {
    const daemon = await start();
    const client = daemon.client();
    for (let i = 0; i < 20; i++) {
      client.bytes(frame(0, new Uint8Array(3)), frame(2));
      await client.next("health");
    }
    expect(daemon.daemon.stats().framesRefused).toBe(20);
    expect(daemon.logged.filter((line) => line.includes("frame refused")).length).toBe(1);
  });

  test("nor do clients fill the log that connect again and again", async () => {
    const daemon = await start();
    for (let i = 1; i <= 40; i++) {
      const client = daemon.client();
      client.bytes(frame(0, new Uint8Array(3)));
      await until(() => daemon.daemon.stats().framesRefused === i);
      client.socket.end();
    }
    expect(daemon.logged.filter((line) => line.includes("frame refused")).length).toBe(20);
  });

  test("what only a runtime sends is refused from a client", async () => {
    const daemon = await start();
    const client = daemon.client();
    client.bytes(encoded(executeResponse, {
      requestId: 1n,
      errorClass: 0,
      errorMessage: "",
      payload: new Uint8Array(0),
      durationUs: 0,
    }));
    expect((await client.next("response")).message.errorMessage).toContain("type 1");
  });

  test("no input of the client reaches the log", async () => {
    const daemon = await start();
    const client = daemon.client();
    client.bytes(
      baseRequest(1, `{"url": "http://u:hunter2@x/", `),
      frame(0, Buffer.from("hunter2")),
    );
    await client.next("response");
    await client.next("response");
    expect(daemon.logged.length).toBeGreaterThan(0);
    expect(daemon.logged.join("\n")).not.toContain("hunter2");
  });
});
