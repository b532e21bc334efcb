import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { createDaemon, type DaemonOptions } from "../../../src/daemon/mod.ts";
import { FakeEngine } from "./support/fake_engine.ts";
import { type Harness, startDaemon, until } from "./support/harness.ts";
import { listeners } from "./support/listeners.ts";
import { baseRequest, frame, WireClient } from "./support/wire_client.ts";

const URL_OK = "http://upstream.test/";
const HELD = "http://upstream.test/held/1";
let open: Harness | undefined;
afterEach(async () => {
  await open?.stop();
  open = undefined;
});
async function start(options: Parameters<typeof startDaemon>[0] = {}): Promise<Harness> {
  return open = await startDaemon(options);
}

describe("drain", () => {
  test("finishes open calls, refuses new ones, says goodbye, closes everything", async () => {
    const { engine, daemon, address, ...rest } = await start();
    const session = rest.client();
    const base = rest.client();
    const idle = rest.client();
    await session.hello();
    session.start(1, { url: HELD });
    base.bytes(baseRequest(1, { url: "http://upstream.test/held/2" }));
    idle.bytes(frame(2));
    await idle.next("health");
    await until(() => engine.calls.length === 2);

    const drained = daemon.drain(10_000);
    expect(daemon.state).toBe("draining");
    expect((await session.next("goAway")).message.code).toBe("connection.going_away");
    session.start(2);
    expect((await session.next("end", 2)).message.error).toMatchObject({
      code: "connection.going_away",
      errorClass: ErrorClass.Transient,
      sent: "no",
    });
    base.bytes(baseRequest(2, { url: URL_OK }), frame(2));
    expect((await base.next("response")).message.errorClass).toBe(ErrorClass.Transient);
    expect((await base.next("health")).message).toEqual({
      healthy: false,
      message: "draining",
      activeRequests: 2,
      availableCredits: 0,
    });
    if (address.kind === "unix") await until(() => !existsSync(address.path));
    const late = new WireClient(address);
    await late.untilClosed();

    engine.release(HELD);
    await session.next("head", 1);
    engine.release("http://upstream.test/held/2");
    expect((await base.next("response")).message.errorClass).toBe(ErrorClass.Success);
    expect(await drained).toEqual({ cancelled: 0 });
    await Promise.all([session.untilClosed(), base.untilClosed(), idle.untilClosed()]);
    expect(daemon.state).toBe("stopped");
    expect(engine.aborted).toEqual([]);
  });

  test("cancels at the limit: the clients get a Transient error, the upstream calls end", async () => {
    const { engine, daemon, ...rest } = await start();
    const session = rest.client();
    const base = rest.client();
    await session.hello();
    session.start(1, { url: HELD });
    session.start(2, { url: "http://upstream.test/endless" });
    base.bytes(baseRequest(3, { url: "http://upstream.test/held/2" }));
    await session.next("head", 2);
    await until(() => engine.calls.length === 3);
    expect(await daemon.drain(30)).toEqual({ cancelled: 3 });
    expect((await session.next("end", 1)).message.error).toMatchObject({
      code: "runtime.stopping",
      errorClass: ErrorClass.Transient,
    });
    expect((await session.next("end", 2)).message.error?.code).toBe("runtime.stopping");
    expect((await base.next("response")).message).toMatchObject({
      requestId: 3n,
      errorClass: ErrorClass.Transient,
    });
    expect(engine.aborted.length).toBe(3);
    expect(daemon.stats()).toMatchObject({ callsActive: 0, connections: 0 });
  });

  test("a second signal's stop does not wait", async () => {
    const { engine, daemon, ...rest } = await start();
    const client = rest.client();
    await client.hello();
    client.start(1, { url: HELD });
    await until(() => engine.calls.length === 1);
    const drained = daemon.drain(60_000);
    await client.next("goAway");
    await daemon.stop();
    await drained;
    await client.untilClosed();
    expect(engine.aborted.length).toBe(1);
  });

  test("without connections it ends at once, and may be requested twice", async () => {
    const { daemon } = await start();
    const [one, two] = await Promise.all([daemon.drain(60_000), daemon.drain(1)]);
    expect([one, two]).toEqual([{ cancelled: 0 }, { cancelled: 0 }]);
    await daemon.stop();
  });

  test("a client that is greeted while the daemon drains is told to go", async () => {
    const { engine, daemon, ...rest } = await start();
    const busy = rest.client();
    const late = rest.client();
    await busy.hello();
    busy.start(1, { url: HELD });
    await until(() => engine.calls.length === 1 && daemon.stats().connections === 2);
    const drained = daemon.drain(10_000);
    await late.hello();
    await late.next("goAway");
    engine.release(HELD);
    await drained;
  });
});

describe("a daemon", () => {
  const listenOn = async (options: DaemonOptions) =>
    createDaemon(options, { engine: new FakeEngine(), listen: (await listeners())[0]![1] });

  test("opens all its listeners or none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vl-"));
    const good = join(folder, "good.sock");
    const daemon = await listenOn({
      listen: [{ kind: "unix", path: good }, { kind: "unix", path: join(folder, "no", "x.sock") }],
    });
    const error = await daemon.start().catch((cause: unknown) => cause);
    expect((error as ConnectorError).code).toBe("listen.not_found");
    expect(existsSync(good)).toBe(false);
    expect(daemon.state).toBe("stopped");
    rmSync(folder, { recursive: true });
  });

  test("that is stopped while it starts leaves nothing open", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vl-"));
    const paths = ["a.sock", "b.sock"].map((name) => join(folder, name));
    const listen = (await listeners())[0]![1];
    const reached = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const daemon = createDaemon({ listen: paths.map((path) => ({ kind: "unix", path })) }, {
      engine: new FakeEngine(),
      listen: async (address, accept) => {
        if (address.kind === "unix" && address.path === paths[1]) {
          reached.resolve();
          await gate.promise;
        }
        return await listen(address, accept);
      },
    });
    const started = daemon.start().catch((cause: unknown) => cause);
    await reached.promise;
    await daemon.stop();
    gate.resolve();
    expect(((await started) as ConnectorError).code).toBe("runtime.stopping");
    expect(readdirSync(folder)).toEqual([]);
    expect(daemon.state).toBe("stopped");
    rmSync(folder, { recursive: true });
  });

  test("serves Unix and TCP side by side", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vl-"));
    const daemon = await listenOn({
      listen: [{ kind: "unix", path: join(folder, "x.sock") }, {
        kind: "tcp",
        host: "127.0.0.1",
        port: 0,
      }],
    });
    await daemon.start();
    for (const address of daemon.addresses) {
      const client = new WireClient(address);
      await client.hello();
      client.start(1);
      await client.next("head", 1);
      client.close();
    }
    await daemon.stop();
    rmSync(folder, { recursive: true });
  });

  test("does not listen where other machines can come in without a token", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.test", "127.0.0.1.example.test"]) {
      const error = await listenOn({ listen: [{ kind: "tcp", host, port: 0 }] })
        .catch((cause: unknown) => cause);
      expect((error as ConnectorError).code).toBe("listen.token_required");
      expect((error as ConnectorError).message).toContain("VASTAR_TOKEN");
    }
    for (const host of ["127.0.0.1", "localhost", "::1"]) {
      await listenOn({ listen: [{ kind: "tcp", host, port: 0 }] });
    }
  });

  test("demands the token where it needs one, also from base clients", async () => {
    const token = "a-long-enough-token";
    const daemon = await listenOn({
      listen: [{ kind: "tcp", host: "0.0.0.0", port: 0 }],
      tokens: [{ token, tenantId: "acme" }],
    });
    await daemon.start();
    const bound = daemon.addresses[0]!;
    const address = bound.kind === "tcp" ? { ...bound, host: "127.0.0.1" } : bound;
    for (const bytes of [frame(2), baseRequest(1, { url: URL_OK })]) {
      const client = new WireClient(address);
      client.bytes(bytes);
      const { message } = await client.next("response");
      expect([message.requestId, message.errorClass]).toEqual([0n, ErrorClass.InvalidRequest]);
      expect(message.errorMessage).toContain("access token");
      await client.untilClosed();
    }
    const nobody = new WireClient(address);
    nobody.hello().catch(() => {});
    expect((await nobody.next("goAway")).message.code).toBe("auth.refused");
    await nobody.untilClosed();
    const large = new WireClient(address);
    large.bytes(Uint8Array.from([0, 1, 0, 1, 5]));
    expect((await large.next("response")).message.errorMessage).toContain("at most 65536");
    await large.untilClosed();
    const known = new WireClient(address);
    await known.hello({ token });
    known.start(1, { method: "POST", body: new Uint8Array(100_000) });
    await known.next("head", 1);
    expect(daemon.stats()).toMatchObject({ connectionsRefused: 3, connectionsTotal: 5 });
    known.close();
    await daemon.stop();
  });

  test("refuses connections above its limit", async () => {
    const { daemon, ...rest } = await start({ maxConnections: 2 });
    const [one, two] = [rest.client(), rest.client()];
    await one.hello();
    await two.hello();
    const three = rest.client();
    await three.untilClosed();
    one.close();
    await until(() => daemon.stats().connections === 1);
    await rest.client().hello();
  });

  test("refuses options that make no sense", async () => {
    const listen = [{ kind: "unix", path: "/tmp/x.sock" }] as const;
    const wrong: Partial<DaemonOptions>[] = [
      { maxOpenCalls: 0 },
      { callTimeoutMs: -1 },
      { callCredit: Number.NaN },
      { maxUnsentBytes: 1.5 },
      { maxFrameBytes: 11 * 1024 * 1024 },
      { maxFrameBytes: 100_000 },
      { connectionCredit: 2 ** 31 },
      { callCredit: 2 ** 32 },
      { listen: [] },
    ];
    for (const options of wrong) {
      const error = await listenOn({ listen, ...options }).catch((cause: unknown) => cause);
      expect((error as ConnectorError).code).toBe("config.option");
      expect((error as ConnectorError).message).toContain(Object.keys(options)[0]!);
    }
  });

  test("changes engines while calls run: old calls stay with the old one", async () => {
    const { engine, daemon, ...rest } = await start();
    const client = rest.client();
    await client.hello();
    client.start(1, { url: HELD });
    await until(() => engine.calls.length === 1);
    const next = new FakeEngine();
    let retired = false;
    const done = daemon.useEngine(next).then(() => retired = true);
    client.start(2);
    await client.next("head", 2);
    expect([engine.calls.length, next.calls.length, retired]).toEqual([1, 1, false]);
    engine.release(HELD);
    await client.next("head", 1);
    await done;
    await daemon.useEngine(engine);
  });

  test("an answer that is kept stays with its engine until nobody may come back to it", async () => {
    const { engine, daemon, ...rest } = await start();
    const kept = new Set(["s"]);
    Object.assign(engine, {
      keeps: (call?: { keep?: { id: string } }) =>
        call === undefined ? kept.size > 0 : kept.has(call.keep?.id ?? ""),
    });
    const next = new FakeEngine();
    let retired = false;
    const done = daemon.useEngine(next).then(() => retired = true);
    const client = rest.client();
    await client.hello();
    client.start(1, { keep: { id: "s", from: 3 } });
    client.start(2, { keep: { id: "s" } });
    client.start(3, { keep: { id: "other", from: 0 } });
    for (const id of [1, 2, 3]) await client.next("head", id);
    expect([engine.calls.length, next.calls.length, retired]).toEqual([1, 2, false]);
    kept.clear();
    await done;
  });

  test("hundreds of calls at once on one connection all come back", async () => {
    const { daemon, ...rest } = await start();
    const client = rest.client();
    client.prompt = true;
    await client.hello();
    for (let id = 1; id <= 400; id++) {
      client.start(id, { url: `http://upstream.test/stream?size=${id % 7 * 20_000}` });
    }
    let wrong = 0;
    for (let id = 1; id <= 400; id++) {
      await client.next("head", id);
      const body = await client.body(id);
      if (body.length !== id % 7 * 20_000) wrong++;
    }
    expect(wrong).toBe(0);
    expect(daemon.stats().callsByClass[ErrorClass.Success]).toBe(400);
  });
});
