/** What all connections share: the bytes and calls of the whole process, divided fairly. */
import { afterEach, describe, expect, test } from "bun:test";
import { ErrorClass } from "../../../src/core/errors.ts";
import type { DaemonOptions } from "../../../src/daemon/mod.ts";
import { executeRequest } from "../../../src/wire/mod.ts";
import { pattern } from "./support/fake_engine.ts";
import { type Harness, startDaemon, until } from "./support/harness.ts";
import { baseRequest, frame, type WireClient } from "./support/wire_client.ts";

const at = (path: string) => `http://upstream.test${path}`;

let running: Harness[] = [];
afterEach(async () => {
  for (const one of running) await one.stop();
  running = [];
});
async function start(options: Partial<DaemonOptions>): Promise<Harness> {
  const daemon = await startDaemon(options);
  running.push(daemon);
  return daemon;
}

async function session(daemon: Harness): Promise<WireClient> {
  const client = daemon.client();
  client.prompt = true;
  await client.hello();
  return client;
}

describe("bytes", () => {
  test("a newcomer gets its share from the one that holds most, whose calls end with runtime.overloaded", async () => {
    const daemon = await start({ maxBufferedBytes: 400_000 });
    const hog = await session(daemon);
    const small = await session(daemon);
    const body = pattern(60_000);
    for (let id = 1; id <= 4; id++) hog.start(id, { method: "POST", url: at(`/held/${id}`), body });
    small.start(1, { method: "POST", url: at("/held/small"), body });
    await until(() => daemon.engine.calls.length === 5);
    const newcomer = await session(daemon);
    newcomer.start(1, { method: "POST", url: at("/echo"), body });
    newcomer.start(2, { method: "POST", url: at("/held/new"), body: pattern(50_000) });
    expect((await newcomer.next("head", 1)).message.body).toEqual(body);
    for (let id = 1; id <= 4; id++) {
      expect((await hog.next("end", id)).message.error).toMatchObject({
        errorClass: ErrorClass.RateLimited,
        code: "runtime.overloaded",
        sent: "maybe",
      });
    }
    // Nobody else lost anything, and the hog may go on.
    daemon.engine.release(at("/held/small"));
    await small.next("head", 1);
    hog.start(9);
    await hog.next("head", 9);
    expect(daemon.daemon.stats()).toMatchObject({ connectionsShed: 1, callsOverloaded: 4 });
  });

  test("a connection that already has its share is refused, and no other makes way for it", async () => {
    const daemon = await start({ maxBufferedBytes: 200_000 });
    const [one, two] = [await session(daemon), await session(daemon)];
    const body = pattern(60_000);
    one.start(1, { method: "POST", url: at("/held/1"), body });
    two.start(1, { method: "POST", url: at("/held/2"), body });
    two.start(2, { method: "POST", url: at("/held/3"), body });
    await until(() => daemon.engine.calls.length === 3);
    for (const client of [one, two]) {
      client.start(7, { method: "POST", url: at("/echo"), body });
      expect((await client.next("end", 7)).message.error).toMatchObject({
        code: "runtime.overloaded",
        sent: "no",
      });
    }
    expect(daemon.daemon.stats()).toMatchObject({ connectionsShed: 0, callsActive: 3 });
  });

  test("one that holds most and does not read is closed, with a word in the log", async () => {
    const daemon = await start({ maxBufferedBytes: 3_000_000 });
    const deaf = daemon.client();
    deaf.socket.pause();
    for (let id = 1; id <= 8; id++) deaf.bytes(baseRequest(id, { url: at("/bytes?size=300000") }));
    await until(() => daemon.daemon.stats().callsByClass.reduce((sum, n) => sum + n) === 8);
    const held = daemon.daemon.stats().bufferedBytes;
    expect(held).toBeGreaterThan(1_000_000);
    const newcomer = await session(daemon);
    for (let id = 1; id <= 30; id++) {
      newcomer.start(id, { method: "POST", url: at(`/held/${id}`), body: pattern(48_000) });
    }
    await until(() => daemon.engine.calls.length === 38);
    // A paused socket does not see its own end.
    await until(() => daemon.daemon.stats().connections === 1);
    expect(daemon.logged.join("\n")).toContain("was closed to make room");
    expect(daemon.daemon.stats()).toMatchObject({ connectionsShed: 1, callsActive: 30 });
  });

  test("frames that have not arrived as a whole count, until they have or their client leaves", async () => {
    const daemon = await start({ maxBufferedBytes: 1_000_000 });
    const whole = frame(executeRequest.type, pattern(900_000));
    const slow = daemon.client();
    slow.bytes(whole.subarray(0, 700_000));
    await until(() => daemon.daemon.stats().bufferedBytes > 690_000);
    slow.close();
    await until(() => daemon.daemon.stats().bufferedBytes === 0);
    const other = daemon.client();
    other.bytes(whole);
    await other.next("response");
    expect(daemon.daemon.stats().bufferedBytes).toBe(0);
    // Alone it may have it all, but no more.
    const large = daemon.client();
    large.bytes(frame(executeRequest.type, pattern(2_000_000)));
    expect((await large.next("response")).message.errorClass).toBe(ErrorClass.RateLimited);
    await large.untilClosed();
    await until(() => daemon.daemon.stats().bufferedBytes === 0);
  });

  test(
    "streams are read only a little ahead of a client that does not read, whatever credit it gave",
    async () => {
      const daemon = await start({});
      const client = daemon.client();
      await client.hello({ callCredit: 60_000_000, connectionCredit: 60_000_000 });
      client.socket.pause();
      for (let id = 1; id <= 20; id++) client.start(id, { url: at(`/stream?size=2000000&${id}`) });
      await until(() => daemon.engine.calls.length === 20);
      let pulled = -1;
      for (let calm = 0; calm < 10;) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        const now = [...daemon.engine.pulled.values()].reduce((sum, bytes) => sum + bytes, 0);
        calm = now === pulled ? calm + 1 : 0;
        pulled = now;
        expect(daemon.daemon.stats().bufferedBytes).toBeLessThan(1_300_000);
      }
      expect(pulled).toBeLessThan(20_000_000);
      client.socket.resume();
      client.prompt = true;
      for (let id = 1; id <= 20; id++) {
        await client.next("head", id);
        expect((await client.body(id)).length).toBe(2_000_000);
      }
      await until(() => daemon.daemon.stats().bufferedBytes === 0);
    },
    30_000,
  );
});

test("half of all calls are first come, first served, the other half in equal shares", async () => {
  const daemon = await start({ maxCalls: 20 });
  const hog = await session(daemon);
  const second = await session(daemon);
  const hold = (client: WireClient, name: string, count: number) => {
    for (let id = 1; id <= count; id++) client.start(id, { url: at(`/held/${name}${id}`) });
  };
  hold(hog, "a", 12);
  for (const id of [11, 12]) {
    expect((await hog.next("end", id)).message.error).toMatchObject({
      errorClass: ErrorClass.RateLimited,
      code: "runtime.overloaded",
    });
  }
  hold(second, "b", 6);
  expect((await second.next("end", 6)).message.error?.code).toBe("runtime.overloaded");
  expect(daemon.daemon.stats()).toMatchObject({ callsActive: 15, callsOverloaded: 3 });
  second.bytes(frame(2));
  expect((await second.next("health")).message.availableCredits).toBe(0);
  daemon.engine.release(at("/held/b1"));
  await second.next("head", 1);
  second.start(7);
  await second.next("head", 7);
});
