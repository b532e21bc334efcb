/** What an upstream may do, and how the engine reacts: the same on every runtime. Runs on the current runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { platform } from "#platform";
import { ConnectorError } from "../../../src/core/errors.ts";
import type { CallReply, CallRequest } from "../../../src/core/call.ts";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import {
  type ReceivedRequest,
  startUpstream,
  until,
  type UpstreamServer,
} from "../../support/upstream.ts";
import { JSON_BODY, pattern, TEXT_BODY } from "../../support/upstream_routes.ts";
import { callTo, failure } from "../engine/support.ts";

let upstream: UpstreamServer;
let engine: Engine;

beforeAll(async () => {
  upstream = await startUpstream();
  engine = createEngine({ egress: { allow: ["127.0.0.1"] }, retry: false, breaker: false }, {
    platform,
  });
});
afterAll(async () => {
  await engine.close();
  await upstream.close();
});

function call(path: string, part: Partial<CallRequest> = {}): Promise<CallReply> {
  return engine.call(callTo(`${upstream.url}${path}`, part));
}

async function bytesOf({ body }: CallReply): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : new Uint8Array(await new Response(body).arrayBuffer());
}

async function textOf(reply: CallReply): Promise<string> {
  return new TextDecoder().decode(await bytesOf(reply));
}

function readerOf({ body }: CallReply): ReadableStreamDefaultReader<Uint8Array> {
  if (body instanceof Uint8Array) throw new Error("expected a stream");
  return body.getReader();
}

/** Pieces when asked, forever or `n` times. */
function source(size: number, n = Infinity): ReadableStream<Uint8Array> & { cancelled?: unknown } {
  const stream: ReadableStream<Uint8Array> & { cancelled?: unknown } = new ReadableStream<
    Uint8Array
  >({
    pull(controller) {
      if (n-- > 0) controller.enqueue(new Uint8Array(size).fill(7));
      else controller.close();
    },
    cancel(reason) {
      stream.cancelled = reason ?? true;
    },
  }, { highWaterMark: 0 });
  return stream;
}

describe("responses", () => {
  test("a small one of known length comes whole, as plain bytes", async () => {
    const reply = await call("/json");
    expect(reply.body).toBeInstanceOf(Uint8Array);
    expect(Object.getPrototypeOf(reply.body)).toBe(Uint8Array.prototype);
    expect(await textOf(reply)).toBe(JSON_BODY);
    expect(reply.headers.map(([name, value]) => [name.toLowerCase(), value]).sort()).toEqual([
      ["content-length", "74"],
      ["content-type", "application/json"],
    ]);
    expect(reply.durationUs).toBeGreaterThan(0);
  });

  test.each([
    "/bytes?n=256",
    "/bytes?n=256&chunked",
    "/bytes?n=65536",
    "/bytes?n=65537",
    "/bytes?n=3000000",
    "/bytes?n=3000000&chunked",
    "/bytes?n=0",
  ])("%s is byte-exact", async (path) => {
    const n = Number(/n=(\d+)/.exec(path)?.[1]);
    const got = await bytesOf(await call(path));
    expect(got.byteLength).toBe(n);
    expect(got).toEqual(pattern(n));
  });

  test("whole up to 64 KiB, streamed beyond and when the end is not known", async () => {
    const kinds = [];
    for (const path of ["/bytes?n=65536", "/bytes?n=65537", "/bytes?n=70000&chunked"]) {
      const reply = await call(path);
      kinds.push(reply.body instanceof Uint8Array);
      await bytesOf(reply);
    }
    expect(kinds).toEqual([true, false, false]);
    expect((await call("/hang-mid", { timeoutMs: 1_000 })).body).toBeInstanceOf(ReadableStream);
  });

  test("pieces arrive when they are sent", async () => {
    const reader = readerOf(await call("/hang-mid"));
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("first");
    await reader.cancel();
  });

  test("several Set-Cookie survive", async () => {
    const { headers } = await call("/cookies");
    expect(
      headers.filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value),
    ).toEqual([
      "a=1; Path=/",
      "b=2, with a comma",
      "c=3",
    ]);
  });

  test.each([
    ["/gzip", TEXT_BODY],
    ["/gzip?chunked", TEXT_BODY],
    ["/deflate", TEXT_BODY],
    ["/deflate?chunked", TEXT_BODY],
    ["/deflate-raw", TEXT_BODY],
    ["/deflate-raw?chunked", TEXT_BODY],
    ["/br", TEXT_BODY],
    ["/br?chunked", TEXT_BODY],
    ["/gzip-gzip", TEXT_BODY],
    ["/gzip-gzip?chunked", TEXT_BODY],
    ["/hints", "after hints"],
    ["/until-close", "until the end"],
  ])("%s is decoded", async (path, expected) => {
    const reply = await call(path);
    expect(await textOf(reply)).toBe(expected);
    const names = reply.headers.map(([name]) => name.toLowerCase());
    expect(names).not.toContain("content-encoding");
    expect(names).not.toContain("transfer-encoding");
  });

  test.each(["/status?code=204", "/status?code=304", "/head-gzip?status=304"])(
    "%s has no body",
    async (path) => {
      expect((await call(path)).body).toEqual(new Uint8Array(0));
    },
  );

  test("HEAD has no body and keeps what the head says", async () => {
    const reply = await call("/head-gzip", { method: "HEAD" });
    expect(reply.body).toEqual(new Uint8Array(0));
    expect(reply.headers.map(([name, value]) => [name.toLowerCase(), value])).toContainEqual([
      "content-length",
      "500",
    ]);
  });

  test.each([404, 418, 429, 500, 503])("status %d is a response", async (code) => {
    const reply = await call(`/status?code=${code}`);
    expect([reply.status, await textOf(reply)]).toEqual([code, String(code)]);
  });
});

describe("requests", () => {
  test.each([0, 1, 256, 3_000_000])("a whole body of %d bytes arrives byte-exact", async (n) => {
    expect(await bytesOf(await call("/echo", { method: "POST", body: pattern(n) }))).toEqual(
      pattern(n),
    );
    expect((await upstream.request("/echo")).header("content-length")).toBe(String(n));
  });

  test("a streamed body is sent chunked and answered while it is being made", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const reply = await call("/echo-stream", { method: "POST", body: readable });
    const reader = readerOf(reply);
    for (const byte of [1, 2, 3]) {
      void writer.write(new Uint8Array([byte]));
      expect((await reader.read()).value).toEqual(new Uint8Array([byte]));
    }
    void writer.close();
    expect((await reader.read()).done).toBe(true);
    expect((await upstream.request("/echo-stream")).header("transfer-encoding")).toBe("chunked");
  });

  test("DELETE may carry a streamed body too", async () => {
    expect(await bytesOf(await call("/echo", { method: "DELETE", body: source(10, 3) })))
      .toHaveLength(30);
  });

  test("what goes out is what was asked for", async () => {
    const sent = JSON.parse(
      await textOf(
        await call("/request?a=b%20c&d", {
          method: "PROPFIND",
          headers: [["X-One", "1"], ["Accept", "text/plain"], ["Connection", "close"], [
            "User-Agent",
            "me",
          ]],
        }),
      ),
    ) as { method: string; target: string; headers: [string, string][] };
    const headers = Object.fromEntries(
      sent.headers.map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(sent.method).toBe("PROPFIND");
    expect(sent.target).toBe("/request?a=b%20c&d");
    expect(headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      "x-one": "1",
      accept: "text/plain",
      "user-agent": "me",
      "accept-encoding": "gzip, deflate, br",
      connection: "keep-alive",
    });
  });

  test("POST without a body says so", async () => {
    await call("/json", { method: "POST" });
    expect((await upstream.request("/json")).header("content-length")).toBe("0");
  });

  test("an answer before the body was read is an answer", async () => {
    const reply = await call("/early", { method: "POST", body: new Uint8Array(200_000) });
    expect([reply.status, await textOf(reply)]).toEqual([413, "large"]);
  });

  test("connections are used again", async () => {
    await call("/json");
    const before = upstream.connections;
    for (let i = 0; i < 10; i++) await call("/json");
    expect(upstream.connections).toBe(before);
  });
});

describe("redirects", () => {
  test("are followed here, not by the runtime", async () => {
    expect(await textOf(await call("/redirect?to=/json"))).toBe(JSON_BODY);
    expect((await call("/redirect", { policy: { maxRedirects: 0 } })).status).toBe(302);
    expect(await textOf(await call("/redirects?n=10"))).toContain('"/request"');
    expect((await failure(call("/redirects?n=11"))).code).toBe("redirect.too_many");
  });

  test("a POST becomes a GET without its body; a 307 repeats it", async () => {
    const part = { method: "POST", body: pattern(5), headers: [["content-type", "x/y"]] } as const;
    const got = JSON.parse(await textOf(await call("/redirect?to=/request", part))) as {
      method: string;
    };
    expect(got.method).toBe("GET");
    expect(await bytesOf(await call("/redirect?status=307&to=/echo", part))).toEqual(pattern(5));
  });

  test("do not leave the allowed hosts", async () => {
    for (
      const to of [
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:1/",
        "//10.0.0.1/",
      ]
    ) {
      const error = await failure(call(`/redirect?to=${encodeURIComponent(to)}`));
      expect([to, error.code]).toEqual([to, "egress.denied"]);
    }
  });
});

describe("failures", () => {
  // Class and code are the same on every runtime; docs/errors.md lists them.
  test.each(
    [
      ["/close", "upstream.reset", 1, "maybe"],
      ["/reset", "upstream.reset", 1, "maybe"],
      ["/bad-http", "upstream.bad_http", 1, "maybe"],
      ["/truncate", "upstream.truncated", 1, "maybe"],
      ["/gzip-truncated", "upstream.bad_encoding", 1, "maybe"],
      ["/br-truncated", "upstream.bad_encoding", 1, "maybe"],
      ["/gzip-bad", "upstream.bad_encoding", 1, "maybe"],
      ["/big-head?kb=100", "response.head_too_large", 2, "committed"],
      ["/bomb?mb=20", "response.inflated", 2, "committed"],
    ] as const,
  )("%s fails before anything is passed on: %s", async (path, code, errorClass, sent) => {
    const error = await failure(call(path));
    expect(error).toMatchObject({ code, errorClass, sent, origin: "upstream", attempts: 1 });
    expect(error.requestId).toBeDefined();
  });

  test.each([
    ["/reset-mid", "upstream.truncated"],
    ["/truncate-chunked", "upstream.truncated"],
    ["/bad-chunk", "upstream.bad_http"],
    ["/gzip-truncated?chunked", "upstream.bad_encoding"],
    ["/br-truncated?chunked", "upstream.bad_encoding"],
    ["/gzip-bad?chunked", "upstream.bad_encoding"],
    ["/bomb?mb=20&chunked", "response.inflated"],
  ])("%s fails in the stream, or before it when all came at once: %s", async (path, code) => {
    let inStream = false;
    const error = await failure(
      call(path).then((reply) => {
        inStream = true;
        return bytesOf(reply);
      }),
    );
    // What was in the caller's hands cannot be asked for again.
    const committed = inStream || code === "response.inflated";
    expect(error).toMatchObject({
      code,
      errorClass: committed ? 2 : 1,
      sent: committed ? "committed" : "maybe",
      origin: "upstream",
    });
  });

  test("nobody listens", async () => {
    const gone = await startUpstream();
    await gone.close();
    expect(await failure(engine.call(callTo(`${gone.url}/`)))).toMatchObject({
      code: "connect.refused",
      errorClass: 1,
      sent: "no",
    });
  });

  test("no such host", async () => {
    const error = await failure(engine.call(callTo("http://nowhere.invalid/")));
    expect(error).toMatchObject({ errorClass: 1, sent: "no" });
    // Machines without any resolver say "try again".
    expect(["dns.not_found", "dns.temporary"]).toContain(error.code);
  });

  test("a head that is long but within the limit passes", async () => {
    expect(await textOf(await call("/big-head?kb=12"))).toBe("big");
  });

  test("a POST that may have arrived is not sent again by the runtime", async () => {
    await call("/json");
    const before = upstream.requests.length;
    expect((await failure(call("/reset", { method: "POST", body: new Uint8Array(3) }))).code).toBe(
      "upstream.reset",
    );
    expect(upstream.requests.length).toBe(before + 1);
  });
});

describe("cancelling reaches the socket", () => {
  async function cancelled(
    path: string,
    part: Partial<CallRequest>,
    use: (reply: CallReply) => Promise<unknown>,
  ) {
    const controller = new AbortController();
    const before = upstream.requests.length;
    const pending = failure(call(path, { ...part, signal: controller.signal }).then(use));
    await until(() => upstream.requests.length > before, "the request");
    const received = upstream.requests.at(-1) as ReceivedRequest;
    return { controller, pending, received };
  }

  test.each([true, false])("while waiting for the head (socket reused: %s)", async (reused) => {
    if (reused) await call("/json");
    const own = reused
      ? undefined
      : createEngine({ egress: { allow: ["127.0.0.1"] }, retry: false, breaker: false }, {
        platform,
      });
    const controller = new AbortController();
    const before = upstream.requests.length;
    const pending = failure(
      (own ?? engine).call(
        callTo(`${upstream.url}/hang`, { signal: controller.signal, method: "POST" }),
      ),
    );
    await until(() => upstream.requests.length > before, "the request");
    const received = upstream.requests.at(-1);
    controller.abort();
    expect(await pending).toMatchObject({ code: "call.cancelled", sent: "maybe" });
    await received?.closed;
    expect(upstream.requests.length).toBe(before + 1);
    await own?.close();
  });

  test("by the deadline", async () => {
    const pending = failure(call("/hang", { timeoutMs: 60 }));
    expect(await pending).toMatchObject({
      code: "deadline.exceeded",
      errorClass: 4,
      sent: "maybe",
    });
    await (await upstream.request("/hang")).closed;
  });

  test("by the first byte timeout", async () => {
    expect((await failure(call("/hang", { policy: { firstByteTimeoutMs: 60 } }))).code).toBe(
      "timeout.first_byte",
    );
    await (await upstream.request("/hang")).closed;
  });

  test("while a response streams, by signal", async () => {
    const { controller, pending, received } = await cancelled("/chunks?n=100000&ms=1", {}, bytesOf);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    expect(await pending).toMatchObject({ code: "call.cancelled", sent: "committed" });
    await received.closed;
  });

  test("while a response streams, by leaving the loop", async () => {
    const { body } = await call("/chunks?n=100000&ms=1");
    const received = await upstream.request("/chunks");
    for await (const piece of body as ReadableStream<Uint8Array>) {
      expect(piece.byteLength).toBeGreaterThan(0);
      break;
    }
    await received.closed;
  });

  test("while a compressed response streams", async () => {
    const reader = readerOf(await call("/gzip-hang"));
    const received = await upstream.request("/gzip-hang");
    expect((await reader.read()).value?.byteLength).toBeGreaterThan(0);
    await reader.cancel();
    await received.closed;
  });

  test("in an idle gap", async () => {
    const reader = readerOf(await call("/hang-mid", { policy: { idleTimeoutMs: 60 } }));
    const received = await upstream.request("/hang-mid");
    await reader.read();
    expect((await failure(reader.read())).code).toBe("timeout.idle");
    await received.closed;
  });

  test("in the middle of a whole body", async () => {
    const error = await failure(call("/hang-mid?length", { timeoutMs: 60 }));
    expect(error.code).toBe("deadline.exceeded");
    await (await upstream.request("/hang-mid")).closed;
  });

  test("while a request body streams", async () => {
    const body = source(1000);
    const { controller, pending, received } = await cancelled(
      "/hang",
      { method: "POST", body },
      bytesOf,
    );
    await until(() => received.chunks.length > 2, "some of the body");
    controller.abort();
    expect(await pending).toMatchObject({ code: "call.cancelled" });
    await received.closed;
    await until(() => body.cancelled !== undefined, "the source to be given back");
  });

  test("while an upstream that does not read holds a request body up", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(65_536));
      },
    }, { highWaterMark: 0 });
    const { controller, pending, received } = await cancelled(
      "/stall",
      { method: "POST", body },
      bytesOf,
    );
    let last = -1;
    while (last !== pulled) {
      last = pulled;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // Held back: not the whole endless source was read into memory.
    expect(pulled).toBeLessThan(1000);
    controller.abort();
    await pending;
    received.resume();
    await received.closed;
  });

  test("a request body that fails", async () => {
    let n = 3;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (n-- > 0) controller.enqueue(new Uint8Array(10));
        else throw new Error("disk gone");
      },
    });
    const error = await failure(call("/hang", { method: "POST", body }));
    expect(error).toMatchObject({ code: "request.body_failed", origin: "caller" });
    await (await upstream.request("/hang")).closed;
  });
});

describe("holding up", () => {
  test("a stalled reader costs bounded memory and does not delay others", async () => {
    const reader = readerOf(await call("/flood?mb=200"));
    const received = await upstream.request("/flood");
    await reader.read();
    let last = -1;
    while (last !== received.progress.written) {
      last = received.progress.written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(last).toBeLessThan(32 * 1024 * 1024);
    expect(await textOf(await call("/json"))).toBe(JSON_BODY);
    await reader.cancel();
    await received.closed;
  });

  test("a slow call does not delay a fast one", async () => {
    const slow = call("/slow?ms=300").then(() => "slow");
    const fast = call("/json").then(() => "fast");
    expect(await Promise.race([slow, fast])).toBe("fast");
    await slow;
  });

  test("two hundred at a time", async () => {
    const replies = await Promise.all(
      Array.from({ length: 200 }, () => call("/json").then(textOf)),
    );
    expect(new Set(replies)).toEqual(new Set([JSON_BODY]));
  });
});

test("a closed engine lets go of its sockets", async () => {
  const own = await startUpstream();
  const other = createEngine({ egress: { allow: ["127.0.0.1"] }, retry: false, breaker: false }, {
    platform,
  });
  await other.call(callTo(`${own.url}/json`));
  expect(own.open).toBe(1);
  await other.close();
  await until(() => own.open === 0, "the idle socket to close");
  await own.close();
});

test("nothing is left active", () => {
  expect(engine.stats()).toMatchObject({ active: 0 });
  expect(ConnectorError.name).toBe("ConnectorError");
});
