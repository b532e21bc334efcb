/** What commands do in Redis, whoever sends them and whatever is between. */
import { expect } from "bun:test";
import { ownName, REDIS_PORT } from "../../support/databases.ts";
import { ask, failure, send } from "./ask.ts";
import type { DatabaseBehaviour } from "./behaviour.ts";

export const REDIS_URL: string = `redis://127.0.0.1:${REDIS_PORT}/0`;
export const redis: readonly DatabaseBehaviour[] = [
  {
    name: "replies have their types",
    async run({ client, url }) {
      const key = ownName("vastar");
      const command = (...command: (string | number | { $bytes: string })[]) =>
        ask(client, url, { command });
      expect(await command("SET", key, "grün")).toBe("OK");
      expect(await command("GET", key)).toBe("grün");
      expect(await command("GET", `${key}:none`)).toBeNull();
      expect(await command("STRLEN", key)).toBe(5);
      expect(await command("SET", key, 9007199254740992)).toBe("OK");
      expect(await command("INCR", key)).toBe("9007199254740993");
      expect(await command("SET", key, { $bytes: "/wA=" })).toBe("OK");
      expect(await command("GET", key)).toEqual({ $bytes: "/wA=" });
      expect(await command("DEL", key)).toBe(1);
      expect(await command("HSET", key, "a", 1, "b", "x")).toBe(2);
      expect(await command("HGETALL", key)).toEqual({ a: "1", b: "x" });
      expect(await command("HMGET", key, "a", "none")).toEqual(["1", null]);
      expect(await ask(client, url, { command: ["HGET", key, "a"], bytes: true })).toEqual({
        $bytes: "MQ==",
      });
      const scanned = ["HSCAN", key, "0"];
      expect(await ask(client, url, { command: scanned })).toEqual(["0", ["a", "1", "b", "x"]]);
      const eval1 = ["EVAL", "return redis.call('hgetall', KEYS[1])", "1", key];
      expect(await ask(client, url, { command: eval1, shape: "pairs" })).toEqual({
        a: "1",
        b: "x",
      });
      expect(await command("DEL", key)).toBe(1);
    },
  },
  {
    name: "errors say what the server says, and what to do",
    async run({ client, url }) {
      const key = ownName("vastar");
      await ask(client, url, { command: ["SET", key, "x"] });
      const errors = await Promise.all([
        failure(ask(client, url, { command: ["LPUSH", key, "y"] })),
        failure(ask(client, url, { command: ["NOSUCH", key] })),
        failure(ask(client, url, { command: ["SELECT", "1"] })),
        failure(ask(client, url, { command: ["subscribe", key] })),
        failure(ask(client, url, { statement: "select 1", result: "rows" })),
        failure(send(client, `${url}x`, { command: ["GET", key] })),
      ]);
      expect(errors.map(({ code }) => code)).toEqual([
        "database.value",
        "database.statement",
        "database.request",
        "database.request",
        "database.request",
        "database.request",
      ]);
      expect(errors[0]?.message).toContain("WRONGTYPE");
      await ask(client, url, { command: ["DEL", key] });
    },
  },
  {
    name: "a call that only reads sends nothing that writes",
    async run({ client, url }) {
      const key = ownName("vastar");
      const only = (...command: string[]) => ask(client, url, { command, readOnly: true });
      expect(await only("GET", key)).toBeNull();
      expect(await only("OBJECT", "ENCODING", key).catch(() => "refused")).toBeNull();
      const writes = [
        ["SET", key, "x"],
        ["DEL", key],
        ["EVAL", "return redis.call('set', KEYS[1], 'x')", "1", key],
        ["GETSET", key, "x"],
        ["FLUSHDB"],
        ["NOSUCH", "x"],
      ];
      for (const command of writes) {
        expect((await failure(only(...command))).code).toBe("database.read_only");
      }
      expect(await only("EXISTS", key)).toBe(0);
    },
  },
  {
    name: "a command that waits is given up with its call, and frees its connection",
    async run({ client, url }) {
      const key = ownName("vastar");
      for (let at = 0; at < 6; at++) {
        const abort = new AbortController();
        const waiting = failure(
          ask(client, url, { command: ["BLPOP", key, "0"] }, { signal: abort.signal }),
        );
        if (at === 0) await ask(client, url, { command: ["PING"] });
        abort.abort();
        expect((await waiting).code).toBe("call.cancelled");
      }
      expect(await ask(client, url, { command: ["PING"] })).toBe("PONG");
    },
  },
];
