import { afterEach, describe, expect, test } from "bun:test";
import type { CallRequest } from "../../../src/core/call.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { cancel, data, end, hello, MAX_DATA_BYTES } from "../../../src/wire/mod.ts";
import { pattern } from "./support/fake_engine.ts";
import { type Harness, startDaemon, until } from "./support/harness.ts";
import { baseRequest, frame, type WireClient } from "./support/wire_client.ts";

let open: Harness | undefined;
afterEach(async () => {
  await open?.stop();
  open = undefined;
});
async function start(options: Parameters<typeof startDaemon>[0] = {}): Promise<Harness> {
  return open = await startDaemon(options);
}

const at = (path: string) => `http://upstream.test${path}`;

describe("sessions", () => {
  test("a small answer is one frame", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.start(1, { tenantId: "acme", traceparent: "00-a-b-01", timeoutMs: 777 });
    const { message } = await client.next("head", 1);
    expect(message).toEqual({
      callId: 1,
      status: 200,
      headers: [["content-type", "text/plain"]],
      body: new TextEncoder().encode("ok"),
      bodyFollows: false,
      attempts: 1,
      durationUs: 7,
      requestId: "test-1",
      url: "",
      waitedUs: 0,
      queuedUs: 0,
      hedges: 0,
      kept: false,
    });
    expect(client.received).toEqual([]);
    expect(daemon.engine.calls[0]).toMatchObject({
      tenantId: "acme",
      traceparent: "00-a-b-01",
      timeoutMs: 777,
      idempotencyKey: undefined,
      body: null,
    });
    expect(daemon.daemon.stats()).toMatchObject({ sessions: 1, callsActive: 0 });
  });

  test("calls may follow the Hello at once", async () => {
    const daemon = await start();
    const client = daemon.client();
    const ready = client.hello();
    client.start(1);
    await ready;
    await client.next("head", 1);
  });

  test("repeated headers and all 256 bytes survive", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.start(1, { url: at("/bytes?size=256") });
    const { message } = await client.next("head", 1);
    expect(message.body).toEqual(pattern(256));
    expect(message.headers.filter(([name]) => name.toLowerCase() === "set-cookie")).toEqual([
      ["set-cookie", "a=1, x"],
      ["Set-Cookie", "b=2"],
    ]);
  });

  test("a whole body above 64 KiB and a stream arrive in pieces, in order", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    const size = 3_000_000;
    client.start(1, { url: at(`/bytes?size=${size}`) });
    client.start(2, { url: at(`/stream?size=${size}`) });
    expect((await client.next("head", 1)).message.bodyFollows).toBe(true);
    expect((await client.next("head", 2)).message.bodyFollows).toBe(true);
    const [one, two] = await Promise.all([client.body(1), client.body(2)]);
    const same = (a: Uint8Array, b: Uint8Array) =>
      a.length === b.length && a.every((x, i) => x === b[i]);
    expect(same(one, pattern(size))).toBe(true);
    expect(same(two, pattern(size))).toBe(true);
    expect(daemon.daemon.stats().callsActive).toBe(0);
  });

  test("a request body may be inline or streamed, with credit given back as it is read", async () => {
    const daemon = await start({ callCredit: 100_000, connectionCredit: 200_000 });
    const client = daemon.client();
    await client.hello();
    client.start(1, { method: "POST", url: at("/echo"), body: pattern(1000) });
    expect((await client.next("head", 1)).message.body).toEqual(pattern(1000));
    client.start(2, { method: "POST", url: at("/echo"), bodyFollows: true });
    const whole = pattern(1_000_000);
    let credit = 100_000;
    let connection = 200_000;
    for (let sent = 0; sent < whole.length;) {
      const take = Math.min(30_000, credit, connection, whole.length - sent);
      if (take === 0) {
        const { message } = await client.next("credit");
        if (message.callId === 2) credit += message.creditDelta;
        else connection += message.creditDelta;
        continue;
      }
      client.send(data, { callId: 2, bytes: whole.subarray(sent, sent + take) });
      sent += take;
      credit -= take;
      connection -= take;
    }
    client.send(end, { callId: 2, trailers: [], error: undefined });
    await client.next("head", 2);
    const back = await client.body(2);
    expect(back.length).toBe(whole.length);
    expect(back.every((byte, index) => byte === whole[index])).toBe(true);
  });

  test("what the engine keeps of a body counts as held by its call, until that ends", async () => {
    const daemon = await start({ maxHeldBytes: 100_000 });
    const client = daemon.client();
    await client.hello();
    client.start(1, { url: at("/stall") });
    await until(() => daemon.engine.calls.length === 1);
    const { hold } = daemon.engine.calls[0] as CallRequest;
    const before = daemon.daemon.stats().bufferedBytes;
    expect(hold?.(60_000)).toBe(true);
    expect(daemon.daemon.stats().bufferedBytes).toBe(before + 60_000);
    expect(hold?.(60_000)).toBe(false);
    client.send(cancel, { callId: 1 });
    await until(() => daemon.daemon.stats().callsActive === 0);
    expect(daemon.daemon.stats().bufferedBytes).toBeLessThan(before);
    expect(hold?.(1)).toBe(false);
  });

  test("a client's broken request body fails the upstream's reading of it", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.start(1, { method: "POST", url: at("/echo"), bodyFollows: true });
    const error = new ConnectorError({
      errorClass: 2,
      code: "request.body_failed",
      message: "disk",
    });
    client.send(end, { callId: 1, trailers: [], error });
    expect((await client.next("end", 1)).message.error?.code).toBe("request.body_failed");
  });

  test("errors keep class, code, origin, sent, retry-after and attempts, before and after the head", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.start(1, { url: at("/error") });
    const { error } = (await client.next("end", 1)).message;
    expect(error).toMatchObject({
      errorClass: ErrorClass.Transient,
      code: "upstream.reset",
      origin: "upstream",
      sent: "maybe",
      retryAfterMs: 1500,
      attempts: 2,
    });
    client.start(2, { url: at("/broken?size=40000") });
    await client.next("head", 2);
    expect(await client.body(2).catch((late: unknown) => late)).toMatchObject({
      code: "upstream.reset",
    });
    client.start(3, { url: at("/throw") });
    expect((await client.next("end", 3)).message.error).toMatchObject({ code: "internal" });
  });

  test("very many answers at once wait for a client that reads later, and do not end its connection", async () => {
    const daemon = await start({ maxUnsentBytes: 12_000_000 });
    const client = daemon.client();
    client.prompt = true;
    await client.hello();
    client.socket.pause();
    const ids = Array.from({ length: 300 }, (_, index) => index + 1);
    for (const id of ids) client.start(id, { url: at("/bytes?size=60000") });
    await until(() => daemon.engine.calls.length === ids.length);
    client.socket.resume();
    for (const id of ids) {
      const { message } = await client.next("head", id);
      const body = message.bodyFollows ? await client.body(id) : message.body;
      expect(body.length).toBe(60_000);
    }
  });

  test("a head that the client's frames cannot hold fails its call, not the connection", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello({ maxFrameBytes: 256 * 1024 });
    client.start(1, { url: at("/fields?size=20000") });
    expect((await client.next("end", 1)).message.error).toMatchObject({
      errorClass: ErrorClass.Permanent,
      code: "response.head_too_large",
    });
    client.start(2);
    await client.next("head", 2);
    expect(daemon.daemon.stats().callsActive).toBe(0);
  });

  test("a slow call does not delay a fast one", async () => {
    const { engine, ...daemon } = await start();
    const client = daemon.client();
    await client.hello();
    client.start(1, { url: at("/held/1") });
    client.start(2);
    await client.next("head", 2);
    engine.release(at("/held/1"));
    await client.next("head", 1);
  });

  test("Cancel aborts upstream and silences the call; others continue", async () => {
    const { engine, daemon, ...rest } = await start();
    const client = rest.client();
    await client.hello();
    client.start(1, { url: at("/held/1") });
    client.start(2, { url: at("/endless") });
    client.start(3, { url: at("/held/3") });
    await client.next("head", 2);
    client.send(cancel, { callId: 1 });
    client.send(cancel, { callId: 2 });
    client.send(cancel, { callId: 99 });
    await until(() => engine.aborted.length === 2);
    expect(engine.aborted.map(([url]) => url).sort()).toEqual([at("/endless"), at("/held/1")]);
    expect(engine.aborted[0]?.[1]).toMatchObject({ code: "call.cancelled", origin: "caller" });
    engine.release(at("/held/3"));
    await client.next("head", 3);
    const leftovers = client.received.filter((one) => one.type === "end" || one.type === "head");
    expect(leftovers).toEqual([]);
    expect(daemon.stats().callsActive).toBe(0);
  });

  test("a disconnect aborts every call and every request body", async () => {
    const { engine, daemon, ...rest } = await start();
    const client = rest.client();
    await client.hello();
    client.start(1, { url: at("/held/1") });
    client.start(2, { url: at("/endless") });
    client.start(3, { method: "POST", url: at("/echo"), bodyFollows: true });
    await client.next("head", 2);
    await until(() => engine.calls.length === 3);
    client.close();
    await until(() => engine.aborted.length === 3);
    await until(() => daemon.stats().connections === 0);
    expect(daemon.stats()).toMatchObject({ callsActive: 0, sessions: 0 });
  });

  test("HealthCheck works inside a session", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.bytes(frame(2));
    expect((await client.next("health")).message.healthy).toBe(true);
  });

  test("unknown message types are ignored, unreadable frames answered", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.bytes(frame(200, pattern(10)), frame(7, pattern(10)), baseRequest(4, {}));
    for (let i = 0; i < 2; i++) {
      expect((await client.next("response")).message).toMatchObject({
        requestId: 0n,
        errorClass: ErrorClass.InvalidRequest,
      });
    }
    client.start(1);
    await client.next("head", 1);
    expect(client.received).toEqual([]);
  });

  test("a Hello that cannot be read makes the connection base", async () => {
    const daemon = await start();
    const client = daemon.client();
    client.bytes(frame(5, new Uint8Array([1])));
    expect((await client.next("response")).message.requestId).toBe(0n);
    client.bytes(baseRequest(3, { url: at("/") }));
    expect((await client.next("response")).message.requestId).toBe(3n);
  });

  test("a Hello that cannot be satisfied is told why and closed", async () => {
    const daemon = await start();
    for (
      const [change, code] of [[{ version: 0 }, "session.version"], [
        { maxFrameBytes: 1000 },
        "session.frame_limit",
      ]] as const
    ) {
      const client = daemon.client();
      client.hello(change).catch(() => {});
      expect((await client.next("goAway")).message.code).toBe(code);
      await client.untilClosed();
    }
  });

  test("calls above the limit end with too_many_calls", async () => {
    const { engine, ...daemon } = await start({ maxOpenCalls: 2 });
    const client = daemon.client();
    await client.hello();
    client.start(1, { url: at("/held/1") });
    client.start(2, { url: at("/held/2") });
    client.start(3);
    expect((await client.next("end", 3)).message.error).toMatchObject({
      code: "connection.too_many_calls",
      errorClass: ErrorClass.RateLimited,
    });
    engine.release(at("/held/1"));
    await client.next("head", 1);
    client.start(4);
    await client.next("head", 4);
  });

  test("a body that is there and follows too is a violation: one of them would be lost", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.start(1, { method: "POST", url: at("/echo"), body: pattern(3), bodyFollows: true });
    expect((await client.next("end", 1)).message.error?.code).toBe("frame.malformed");
    await client.untilClosed();
    expect(daemon.engine.calls).toEqual([]);
  });

  test("bodies inside CallStart are refused above the bytes of a connection, until calls end", async () => {
    const daemon = await start({ maxHeldBytes: 100_000 });
    const client = daemon.client();
    await client.hello();
    const body = pattern(60_000);
    client.start(1, { method: "POST", url: at("/held/1"), body });
    client.start(2, { method: "POST", url: at("/echo"), body });
    expect((await client.next("end", 2)).message.error).toMatchObject({
      errorClass: ErrorClass.RateLimited,
      code: "connection.too_many_calls",
      sent: "no",
    });
    daemon.engine.release(at("/held/1"));
    await client.next("head", 1);
    client.start(3, { method: "POST", url: at("/echo"), body });
    expect((await client.next("head", 3)).message.body).toEqual(body);
  });

  test("unread streamed bodies are refused above a connection's limit; others continue", async () => {
    const daemon = await start({ maxHeldBytes: 100_000 });
    const client = daemon.client();
    await client.hello();
    for (const id of [1, 2, 3]) {
      client.start(id, { method: "POST", url: at(`/stall?${id}`), bodyFollows: true });
    }
    client.start(4, { method: "POST", url: at("/echo"), bodyFollows: true });
    for (const id of [1, 2, 3]) client.send(data, { callId: id, bytes: pattern(40_000) });
    expect((await client.next("end")).message).toMatchObject({
      callId: 3,
      error: {
        code: "connection.too_many_calls",
        errorClass: ErrorClass.RateLimited,
        sent: "maybe",
      },
    });
    expect(daemon.engine.aborted.map(([url]) => url)).toEqual([at("/stall?3")]);
    // Its part is free again.
    client.send(data, { callId: 4, bytes: pattern(10_000) });
    client.send(end, { callId: 4, trailers: [], error: undefined });
    expect((await client.next("head", 4)).message.body.length).toBe(10_000);
    expect(daemon.daemon.stats().callsActive).toBe(2);
  });

  test("data that the connection has no credit for is a violation, whoever it is for", async () => {
    const daemon = await start({ connectionCredit: 50_000 });
    const client = daemon.client();
    await client.hello();
    client.send(data, { callId: 9, bytes: pattern(50_001) });
    expect((await client.next("end")).message.error?.code).toBe("frame.malformed");
    await client.untilClosed();
  });

  test("a call id used twice or 0 is a violation: End, then closed, other connections unharmed", async () => {
    const { engine, ...daemon } = await start();
    const other = daemon.client();
    await other.hello();
    for (const ids of [[0], [5, 5]]) {
      const client = daemon.client();
      await client.hello();
      for (const id of ids) client.start(id, { url: at("/held/x") });
      expect((await client.next("end", ids[0])).message.error?.code).toBe("frame.malformed");
      await client.untilClosed();
    }
    expect(engine.aborted.map(([url]) => url)).toEqual([at("/held/x")]);
    other.start(1);
    await other.next("head", 1);
  });
});

describe("flow control", () => {
  test("a stalled reader stops its upstream after its credit and does not delay others", async () => {
    const { engine, ...daemon } = await start();
    const client = daemon.client();
    await client.hello({ callCredit: 100_000, connectionCredit: 10_000_000 });
    client.start(1, { url: at("/endless") });
    await client.next("head", 1);
    let got = 0;
    while (got < 100_000) got += (await client.next("data", 1)).bytes.length;
    expect(got).toBe(100_000);
    for (let id = 2; id < 50; id++) {
      client.start(id);
      await client.next("head", id);
    }
    // One piece may be waiting to be sent; nothing else was asked for.
    expect(engine.pulled.get(at("/endless"))).toBeLessThanOrEqual(100_000 + 16 * 1024);
    expect(client.received).toEqual([]);
    client.grant(1, 50_000);
    for (got = 0; got < 50_000;) got += (await client.next("data", 1)).bytes.length;
    expect(got).toBe(50_000);
  });

  test("a client that reads nothing costs its connection credit, whatever it has open", async () => {
    const { engine, daemon, ...rest } = await start();
    const client = rest.client();
    await client.hello({ callCredit: 1_000_000, connectionCredit: 300_000 });
    client.socket.pause();
    for (let id = 1; id <= 20; id++) client.start(id, { url: at(`/endless?${id}`) });
    const pulled = () => [...engine.pulled.values()].reduce((sum, bytes) => sum + bytes, 0);
    await until(() => pulled() >= 300_000);
    const other = rest.client();
    await other.hello();
    for (let id = 1; id < 30; id++) {
      other.start(id);
      await other.next("head", id);
    }
    expect(pulled()).toBeLessThanOrEqual(300_000 + 20 * 16 * 1024);
    expect(daemon.stats().callsActive).toBe(20);
  });

  test("streams waiting for the connection's credit take turns", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello({ callCredit: 10_000_000, connectionCredit: 64 * 1024 });
    const ids = [1, 2, 3, 4];
    for (const id of ids) client.start(id, { url: at(`/endless?${id}`) });
    const bytes = new Map(ids.map((id) => [id, 0]));
    let total = 0;
    while (total < 2_000_000) {
      const one = await client.next("data");
      bytes.set(one.callId, bytes.get(one.callId)! + one.bytes.length);
      total += one.bytes.length;
      client.grant(0, one.bytes.length);
    }
    const shares = [...bytes.values()];
    expect(Math.min(...shares)).toBeGreaterThan(total / 4 * 0.6);
    expect(Math.max(...shares)).toBeLessThan(total / 4 * 1.4);
  });

  test("nothing is sent without credit, and heads and small bodies need none", async () => {
    const { engine, ...daemon } = await start();
    const client = daemon.client();
    await client.hello({ callCredit: 0, connectionCredit: 0 });
    client.start(1, { url: at("/stream?size=10000") });
    client.start(2);
    await client.next("head", 1);
    await client.next("head", 2);
    client.grant(1, 5_000);
    client.bytes(frame(2));
    await client.next("health");
    expect(client.received).toEqual([]);
    client.grant(0, 100_000);
    expect((await client.next("data", 1)).bytes.length).toBe(5_000);
    client.grant(1, 5_000);
    expect((await client.next("data", 1)).bytes.length).toBe(5_000);
    await client.next("end", 1);
    expect(engine.pulled.get(at("/stream?size=10000"))).toBe(10_000);
  });

  test("no Data frame is above 64 KiB", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello({ callCredit: 1_000_000, connectionCredit: 1_000_000 });
    client.start(1, { url: at("/bytes?size=200000") });
    await client.next("head", 1);
    const sizes: number[] = [];
    while (sizes.reduce((a, b) => a + b, 0) < 200_000) {
      sizes.push((await client.next("data", 1)).bytes.length);
    }
    expect(Math.max(...sizes)).toBe(MAX_DATA_BYTES);
    await client.next("end", 1);
  });

  test("a client that sends more than it has credit for is closed, the others are not", async () => {
    const { engine, ...daemon } = await start({ callCredit: 50_000 });
    const client = daemon.client();
    const other = daemon.client();
    await client.hello();
    await other.hello();
    client.start(1, { method: "POST", url: at("/stall"), bodyFollows: true });
    client.send(data, { callId: 1, bytes: pattern(50_000) });
    client.bytes(frame(2));
    await client.next("health");
    client.send(data, { callId: 1, bytes: pattern(1) });
    expect((await client.next("end", 1)).message.error?.code).toBe("frame.malformed");
    await client.untilClosed();
    expect(engine.aborted.length).toBe(1);
    other.start(1);
    await other.next("head", 1);
  });

  test("Data and credit for ended calls are ignored", async () => {
    const daemon = await start();
    const client = daemon.client();
    await client.hello();
    client.start(1);
    await client.next("head", 1);
    client.send(data, { callId: 1, bytes: pattern(10_000) });
    client.send(end, { callId: 1, trailers: [], error: undefined });
    client.grant(1, 1000);
    client.grant(77, 1000);
    client.start(2);
    await client.next("head", 2);
    expect(client.received).toEqual([]);
  });

  test("a client that does not read answers is cut off at the limit of unsent bytes", async () => {
    const { daemon, ...rest } = await start({ maxUnsentBytes: 2_000_000 });
    const client = rest.client();
    const other = rest.client();
    await client.hello();
    await other.hello();
    client.socket.pause();
    // Bodies wait at their credit; heads do not.
    for (let id = 1; id <= 100; id++) client.start(id, { url: at("/fields?size=2000") });
    await until(() => daemon.stats().connections === 1, "the connection to be closed");
    other.start(1);
    await other.next("head", 1);
    expect(rest.logged.join("\n")).toContain("unread by its client");
  });
});

describe("tokens", () => {
  const tokens = [{ token: "s3cret-acme", tenantId: "acme" }, { token: "s3cret-any" }];

  async function refused(client: WireClient, token: string): Promise<string> {
    client.hello({ token }).catch(() => {});
    const { message } = await client.next("goAway");
    await client.untilClosed();
    return message.code;
  }

  test("bind a connection to their tenant", async () => {
    const { engine, ...daemon } = await start({ tokens });
    const client = daemon.client();
    await client.hello({ token: "s3cret-acme" });
    client.start(1);
    await client.next("head", 1);
    client.start(2, { tenantId: "acme" });
    await client.next("head", 2);
    client.start(3, { tenantId: "other" });
    expect((await client.next("end", 3)).message.error).toMatchObject({
      code: "tenant.mismatch",
      errorClass: ErrorClass.Permanent,
    });
    expect(engine.calls.map(({ tenantId }) => tenantId)).toEqual(["acme", "acme"]);
    const any = daemon.client();
    await any.hello({ token: "s3cret-any" });
    any.start(1, { tenantId: "other" });
    await any.next("head", 1);
  });

  test("that are not known are refused, and appear in no log", async () => {
    const daemon = await start({ tokens });
    for (const token of ["wrong", "s3cret-acm", "s3cret-acmee"]) {
      expect(await refused(daemon.client(), token)).toBe("auth.refused");
    }
    expect(daemon.daemon.stats().connectionsRefused).toBe(3);
    expect(daemon.logged.length).toBe(3);
    expect(daemon.logged.join("\n")).not.toContain("s3cret");
  });

  test("can be replaced for sessions that open later", async () => {
    const { daemon, ...rest } = await start({ tokens });
    daemon.useTokens([{ token: "new" }]);
    expect(await refused(rest.client(), "s3cret-any")).toBe("auth.refused");
    await rest.client().hello({ token: "new" });
  });
});

test("a second Hello changes nothing", async () => {
  const daemon = await start();
  const client = daemon.client();
  await client.hello();
  client.send(hello, {
    version: 1,
    features: 0,
    maxFrameBytes: 0,
    client: "",
    token: "",
    callCredit: 1,
    connectionCredit: 1,
  });
  client.start(1);
  await client.next("head", 1);
});
