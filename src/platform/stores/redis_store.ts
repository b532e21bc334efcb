/** What runtimes share, in Redis. A value is stored with its revision before it: the server's time, so that none comes twice. */
import { loadPackage } from "../../core/optional_package.ts";
import type { Redis } from "ioredis";
import type { SharedStore, Shelf } from "../../engine/leases/shared_store.ts";
import { drivers } from "../shared/database/packages.ts";
import { SHELF_MS } from "./shelves.ts";

const CONNECT_MS = 900;
const RECONNECT_MS = 250;
/** KEYS: the entry. ARGV: the revision expected, or 0; the value; how long it is kept, or 0; the channel of changes. */
const PUT = `
local now = redis.call('TIME')
local old = redis.call('GET', KEYS[1])
local revision = 0
if old then revision = tonumber(string.match(old, '^(%d+):')) or 0 end
if revision ~= tonumber(ARGV[1]) then return 0 end
local fresh = math.max(revision + 1, tonumber(now[1]) * 1000000 + tonumber(now[2]))
local text = string.format('%.0f', fresh) .. ':' .. ARGV[2]
if ARGV[3] == '0' then redis.call('SET', KEYS[1], text)
else redis.call('SET', KEYS[1], text, 'PX', ARGV[3]) end
redis.call('PUBLISH', ARGV[4], '')
return string.format('%.0f', fresh)`;

/** `name`: what the keys begin with, after `vastar:`. */
export function redisStore(url: string, name: string): SharedStore {
  let opening: Promise<Redis> | undefined;
  let listening: Promise<Redis> | undefined;

  const connect = async (): Promise<Redis> => {
    const load = drivers.ioredis as () => Promise<typeof import("ioredis")>;
    const { Redis } = await loadPackage(load, "A store in Redis needs", "ioredis");
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: () => RECONNECT_MS,
    });
    // Each failure is that of a command, too.
    redis.on("error", () => {});
    try {
      await redis.connect();
      return redis;
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  };
  const open = (): Promise<Redis> =>
    opening ??= connect().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
  const keyOf = (shelf: Shelf, key: string): string => `vastar:${name}:${shelf}.${key}`;
  const changesOf = (shelf: Shelf, key: string): string => `${keyOf(shelf, key)}:changed`;

  const store: SharedStore = {
    async get(shelf, key) {
      const text = await (await open()).get(keyOf(shelf, key));
      const at = text?.indexOf(":") ?? -1;
      // What is not ours is written over, as PUT does.
      if (text === null || text === undefined || !/^\d+$/.test(text.slice(0, at))) return undefined;
      const revision = Number(text.slice(0, at));
      return { value: text.slice(at + 1), revision, changedAt: revision / 1_000 };
    },
    async put(shelf, key, value, revision) {
      const redis = await open();
      const args = [revision ?? 0, value, SHELF_MS[shelf], changesOf(shelf, key)];
      const done = await redis.eval(PUT, 1, keyOf(shelf, key), ...args);
      return done === 0 ? undefined : Number(done);
    },
    watch(shelf, key, onValue) {
      let on = true;
      let last: number | undefined;
      const read = async (): Promise<void> => {
        const entry = await store.get(shelf, key).catch(() => undefined);
        if (!on || entry === undefined || entry.revision === last) return;
        last = entry.revision;
        onValue(entry.value);
      };
      const channel = changesOf(shelf, key);
      const onMessage = (from: string): void => {
        if (from === channel) void read();
      };
      const follow = async (): Promise<void> => {
        try {
          const redis = await (listening ??= connect());
          redis.on("message", onMessage);
          // After the connection was lost, changes may have been missed; the package subscribes again.
          redis.on("ready", () => void read());
          await redis.subscribe(channel);
          await read();
        } catch {
          listening = undefined;
          if (on) setTimeout(() => void follow(), 4 * RECONNECT_MS).unref?.();
        }
      };
      void follow();
      return () => {
        on = false;
        void listening?.then((redis) => {
          redis.off("message", onMessage);
          return redis.unsubscribe(channel);
        }).catch(() => {});
      };
    },
    async close() {
      for (const one of [opening, listening]) {
        const redis = await one?.catch(() => undefined);
        redis?.disconnect();
      }
    },
  };
  return store;
}
