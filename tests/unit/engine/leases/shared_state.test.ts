/** Engines that share breakers and quotas, as members of a pool do. */
import { describe, expect, test } from "bun:test";
import type { EngineOptions } from "../../../../src/engine/engine.ts";
import type { QuotaRow } from "../../../../src/engine/quota/quota_row.ts";
import { Sharing } from "../../../../src/engine/leases/sharing.ts";
import { fakeClock } from "../../../support/clock.ts";
import { answer, callTo, failure, rig } from "../support.ts";
import { MemoryStore, settled } from "./memory_store.ts";

const URL = "https://a.example/";

async function pair(options: EngineOptions, status = () => 200) {
  const clock = fakeClock();
  const store = new MemoryStore(() => clock.now());
  const both = await Promise.all([0, 1].map(async () => {
    const sharing = new Sharing({ store: store.open(), clock, random: () => 0.5 });
    await sharing.start();
    const deps = { clock, sharing, quotaStorage: sharing.quotas };
    const { engine, requests } = rig(
      () => Promise.resolve(answer(status())),
      options,
      {},
      "web",
      deps,
    );
    return { engine, requests };
  }));
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 500) {
      clock.advance(500);
      await settled();
    }
  };
  return { one: both[0]!, other: both[1]!, store, pass };
}

describe("a breaker that one opens", () => {
  test("is open for the other, and closed for both once one call has succeeded", async () => {
    let status = 503;
    const { one, other, pass } = await pair({ breaker: {} }, () => status);
    for (let made = 0; made < 5; made++) await one.engine.call(callTo(URL));
    await settled();
    const error = await failure(other.engine.call(callTo(URL)));
    expect(error).toMatchObject({ code: "breaker.open", retryAfterMs: 5_000 });
    expect(other.requests.length).toBe(0);
    // Another tenant's is its own.
    await other.engine.call(callTo(URL, { tenantId: "u" }));
    expect(other.requests.length).toBe(1);
    await pass(5_000);
    status = 200;
    await one.engine.call(callTo(URL));
    await settled();
    await other.engine.call(callTo(URL));
    expect(other.requests.length).toBe(2);
    expect(other.engine.admission().breakers.others).toEqual([]);
  });

  test("is known to a runtime that started while the store was away, once the store is back", async () => {
    const clock = fakeClock();
    const store = new MemoryStore(() => clock.now());
    const start = async () => {
      const sharing = new Sharing({ store: store.open(), clock, random: () => 0.5 });
      await sharing.start();
      return sharing.breakers;
    };
    const early = await start();
    store.away = true;
    const late = await start();
    store.away = false;
    for (let at = 0; at < 6; at++) {
      clock.advance(1_000);
      await settled();
    }
    early.tell("t", URL, 5_000);
    await settled();
    expect(late.openForMs("t", URL)).toBe(5_000);
  });

  test("stays the other's own business while the store is away", async () => {
    const { one, other, store } = await pair({ breaker: {} }, () => 503);
    store.away = true;
    for (let made = 0; made < 5; made++) await one.engine.call(callTo(URL));
    await settled();
    await other.engine.call(callTo(URL));
    expect(other.requests.length).toBe(1);
  });
});

describe("a quota", () => {
  const QUOTA: EngineOptions = { quotas: [{ tenant: "t", period: "day", calls: 10 }] };

  test("counts the calls of both", async () => {
    const { one, other, pass } = await pair(QUOTA);
    for (let made = 0; made < 6; made++) await one.engine.call(callTo(URL));
    for (let made = 0; made < 3; made++) await other.engine.call(callTo(URL));
    await pass(3_000);
    await one.engine.call(callTo(URL));
    await pass(3_000);
    expect(one.engine.admission().quotas.used).toMatchObject([{ limit: 10, used: 10 }]);
    expect((await failure(one.engine.call(callTo(URL)))).code).toBe("quota.exceeded");
    // The other learns of it when it has something to tell.
    await other.engine.call(callTo(URL)).catch(() => {});
    await pass(2_000);
    expect((await failure(other.engine.call(callTo(URL)))).code).toBe("quota.exceeded");
  });

  test("of calls goes on with its part while the store is away; one of cost does not", async () => {
    const cost = { tenant: "u", period: "day", cost: 100, costFrom: "usage" } as const;
    const { one, store, pass } = await pair({ quotas: [...QUOTA.quotas ?? [], cost] });
    // So that each knows of the other.
    await pass(16_000);
    await one.engine.call(callTo(URL));
    await pass(2_000);
    store.away = true;
    await one.engine.call(callTo(URL));
    await pass(2_000);
    let made = 2;
    let last = await outcome(one.engine.call(callTo(URL)));
    for (; last === "ok"; last = await outcome(one.engine.call(callTo(URL)))) made++;
    expect(last).toBe("shared.away");
    expect(made).toBeGreaterThanOrEqual(5);
    expect(made).toBeLessThanOrEqual(6);
    expect(await outcome(one.engine.call(callTo(URL, { tenantId: "u" })))).toBe("shared.away");
    store.away = false;
    await pass(3_000);
    expect(await outcome(one.engine.call(callTo(URL)))).toBe("ok");
    expect(await outcome(one.engine.call(callTo(URL, { tenantId: "u" })))).toBe("ok");
  });
});

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test("what others have written and no runtime would neither keeps a breaker open for ever nor undoes a quota", async () => {
  const clock = fakeClock();
  const store = new MemoryStore(() => clock.now());
  const sharing = new Sharing({ store: store.open(), clock, random: () => 0.5 });
  await sharing.start();
  const spoil = (key: string, spoilt: (value: string) => string): void => {
    const { value, ...entry } = store.entries.get(key)!;
    store.entries.set(key, { ...entry, value: spoilt(value) });
  };
  sharing.breakers.tell("t", URL, 5_000);
  await settled();
  spoil("hour.breakers", (value) => value.replace(/:\d+/, ":1e300"));
  sharing.breakers.read(store.entries.get("hour.breakers")!.value);
  expect(sharing.breakers.openForMs("t", URL)).toBe(0);
  sharing.breakers.tell("u", URL, 5_000);
  await settled();
  expect(Object.keys(JSON.parse(store.entries.get("hour.breakers")!.value)).length).toBe(1);

  const row: QuotaRow = {
    ...{ tenantId: "t", period: "day", start: clock.now(), writer: "w" },
    ...{ calls: 3, bytes: 0, cost: 0 },
  };
  await sharing.quotas.save([row]);
  const key = [...store.entries.keys()].find((one) => one.startsWith("months."))!;
  for (const figures of [`["x",{},null]`, "[-1e9,0,0]"]) {
    spoil(key, () => `{"w":${figures},"other":${figures}}`);
    await sharing.quotas.save([row]);
    expect(JSON.parse(store.entries.get(key)!.value)).toEqual({ w: [3, 0, 0] });
    expect(await sharing.quotas.load(clock.now())).toEqual([]);
  }
});

test("the usage of many tenants is written side by side, a few at a time", async () => {
  const clock = fakeClock();
  const store = new MemoryStore(() => clock.now());
  const { get, ...rest } = store.open();
  let asked = 0;
  let most = 0;
  const counted = async (...args: Parameters<typeof get>) => {
    most = Math.max(most, ++asked);
    const entry = await get(...args);
    asked--;
    return entry;
  };
  const sharing = new Sharing({ store: { ...rest, get: counted }, clock });
  const rows = Array.from({ length: 1_000 }, (_, at): QuotaRow => ({
    ...{ tenantId: `t${at}`, period: "day", start: 0, writer: "w" },
    ...{ calls: at, bytes: 0, cost: 0 },
  }));
  await sharing.quotas.save(rows);
  expect(most).toBeGreaterThan(8);
  expect(most).toBeLessThan(100);
  const written = [...store.entries.values()].map(({ value }) => JSON.parse(value).w[0]);
  expect(written.toSorted((a, b) => a - b)).toEqual(rows.map(({ calls }) => calls));
});
