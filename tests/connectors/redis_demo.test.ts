/** The demo against the Redis that listens here. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RedisDemo } from "../../connectors/redis-demo/mod.gen.ts";
import { ConnectorError, RuntimeClient } from "../../mod.ts";
import { ownName, REDIS_PORT, serverOn } from "../support/databases.ts";
import { titled } from "../support/runtimes.ts";
import { rejection } from "./support.ts";

const { missing } = await serverOn(REDIS_PORT, "Redis");

describe.skipIf(missing !== undefined)(titled("redis-demo", missing), () => {
  const own = ownName("demo");
  let runtime: RuntimeClient;
  let redis: RedisDemo;

  beforeAll(() => {
    runtime = new RuntimeClient({
      address: "embedded:",
      egress: { allow: [`127.0.0.1:${REDIS_PORT}`] },
    });
    redis = new RedisDemo({ url: `redis://127.0.0.1:${REDIS_PORT}`, runtime });
  });
  afterAll(async () => {
    // There is no operation that removes any key, so that the demo can do no harm.
    for (const kind of ["counter", "cache", "user", "queue", "scores"]) {
      const command = JSON.stringify({ command: ["DEL", `demo:${kind}:${own}`] });
      await runtime.call({
        connector: "test",
        operation: "clear",
        method: "POST",
        url: `redis://127.0.0.1:${REDIS_PORT}`,
        headers: [],
        body: new TextEncoder().encode(command),
      });
    }
    await runtime.close();
  });

  test("counts, keeps and forgets", async () => {
    await redis.check();
    expect(await redis.counters.get({ name: own })).toBeNull();
    expect(await redis.counters.increment({ name: own })).toBe(1);
    expect(await redis.counters.increment({ name: own, by: -3 })).toBe(-2);
    expect(await redis.counters.get({ name: own })).toBe("-2");
    expect(await redis.cache.set({ key: own, value: "1 2\r\nFLUSHALL" })).toBe("OK");
    expect(await redis.cache.get({ key: own })).toBe("1 2\r\nFLUSHALL");
    expect(await redis.cache.get({ key: `${own}:none` })).toBeNull();
  });

  test("has objects, lists and scores", async () => {
    expect(await redis.users.get({ id: own })).toEqual({});
    expect(await redis.users.save({ id: own, name: "Ada", email: "ada@example.com" })).toBe(2);
    expect(await redis.users.get({ id: own })).toEqual({ name: "Ada", email: "ada@example.com" });
    expect(await redis.queue.push({ name: own, items: ["wash", "dry it"] })).toBe(2);
    expect(await redis.queue.pop({ name: own })).toBe("wash");
    expect(await redis.queue.pop({ name: own })).toBe("dry it");
    expect(await redis.queue.pop({ name: own })).toBeNull();
    for (const [player, score] of [["Ada", 1200.5], ["Bo", 900], ["Cy", 1300]] as const) {
      expect(await redis.scores.add({ game: own, player, score })).toBe(1);
    }
    expect(await redis.scores.top({ game: own, last: 1 })).toEqual(["Cy", "Ada"]);
    expect(await redis.scores.clear({ game: own })).toBe(1);
  });

  test("tells what Redis says of a command that lacks arguments", async () => {
    await redis.queue.push({ name: own, items: ["x"] });
    const client = redis.withOptions({});
    const error = await rejection(client.queue.push({ name: own, items: [] }));
    expect(error).toBeInstanceOf(ConnectorError);
    expect((error as ConnectorError).code).toMatch(/^database\./);
    expect(await redis.queue.pop({ name: own })).toBe("x");
  });
});
