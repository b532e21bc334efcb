/** What every store of shared limits does, with real servers. */
import { afterAll, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import type { SharedStore } from "../../../../src/engine/leases/shared_store.ts";
import { ownName, REDIS_PORT } from "../../../support/databases.ts";
import { removeShared, storePlaces } from "../../../support/servers/shared_store.ts";
import { titled } from "../../../support/runtimes.ts";

const name = ownName("stores");
const places = await storePlaces(name);

for (const { kind, missing, open } of places) {
  describe.skipIf(missing !== undefined)(titled(`a store in ${kind}`, missing), () => {
    let opened: Promise<SharedStore> | undefined;
    const store = (): Promise<SharedStore> => opened ??= open();

    afterAll(async () => {
      await (await opened)?.close();
    });

    test("writes only over the revision that was read", async () => {
      const one = await store();
      expect(await one.get("hour", "rate.a")).toBeUndefined();
      const first = await one.put("hour", "rate.a", "1", undefined) as number;
      expect(await one.put("hour", "rate.a", "2", undefined)).toBeUndefined();
      const second = await one.put("hour", "rate.a", "3", first) as number;
      expect(second).toBeGreaterThan(first);
      expect(await one.put("hour", "rate.a", "4", first)).toBeUndefined();
      const entry = await one.get("hour", "rate.a");
      expect(entry).toMatchObject({ value: "3", revision: second });
      // The server's clock, which here is this machine's.
      expect(Math.abs((entry?.changedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await one.get("months", "rate.a")).toBeUndefined();
    });

    test("lets one of many win, each time", async () => {
      const [one, other] = [await store(), await open()];
      try {
        let wins = 0;
        const climb = async (mine: SharedStore): Promise<void> => {
          for (let left = 20; left > 0;) {
            const entry = await mine.get("hour", "sum");
            const sum = String(Number(entry?.value ?? 0) + 1);
            if (await mine.put("hour", "sum", sum, entry?.revision) === undefined) continue;
            wins++;
            left--;
          }
        };
        await Promise.all([climb(one), climb(other), climb(one)]);
        expect(wins).toBe(60);
        expect((await one.get("hour", "sum"))?.value).toBe("60");
      } finally {
        await other.close();
      }
    });

    test("tells of what is there and of changes", async () => {
      const one = await store();
      await one.put("hour", "watched", "old", undefined);
      const seen: string[] = [];
      let changed = (): void => {};
      const stop = one.watch("hour", "watched", (value) => {
        seen.push(value);
        changed();
      });
      while (!seen.includes("old")) await new Promise<void>((wake) => changed = wake);
      const entry = await one.get("hour", "watched");
      await one.put("hour", "watched", "new", entry?.revision);
      while (!seen.includes("new")) await new Promise<void>((wake) => changed = wake);
      stop();
      expect(seen).toEqual(["old", "new"]);
    });
  });
}

const redis = places.find(({ kind }) => kind === "Redis")!;
test.skipIf(redis.missing !== undefined)(
  titled("an entry in Redis that no runtime wrote is written over", redis.missing),
  async () => {
    const raw = new Redis(REDIS_PORT, "127.0.0.1");
    const store = await redis.open();
    try {
      for (const spoilt of ["abc:1", "nan:1", "-1:1", ":", "no revision"]) {
        await raw.set(`vastar:${name}:hour.spoilt`, spoilt);
        const entry = await store.get("hour", "spoilt");
        expect(entry).toBeUndefined();
        expect(await store.put("hour", "spoilt", "ours", undefined)).toBeGreaterThan(0);
        expect((await store.get("hour", "spoilt"))?.value).toBe("ours");
      }
    } finally {
      await store.close();
      raw.disconnect();
    }
  },
);

afterAll(() => removeShared(name));
