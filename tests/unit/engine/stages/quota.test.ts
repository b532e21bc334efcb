import { describe, expect, test } from "bun:test";
import { ConnectorError, ErrorClass } from "../../../../src/core/errors.ts";
import type { QuotaRow, QuotaStorage } from "../../../../src/engine/quota/quota_row.ts";
import { answer, callTo, failure, rig, settle } from "../support.ts";

const ok = () => Promise.resolve(answer(200, "hello"));
const URL_A = "https://a.example/";

/** Keeps rows as the file does. */
function storage() {
  const rows = new Map<string, QuotaRow>();
  const made = { rows, broken: false, closed: false, saves: 0 };
  const check = (): void => {
    if (!made.broken) return;
    throw new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "quota.storage",
      message: "",
    });
  };
  const kept: QuotaStorage = {
    async load() {
      await Promise.resolve();
      check();
      return [...rows.values()];
    },
    async save(some) {
      await Promise.resolve();
      check();
      made.saves++;
      for (const row of some) rows.set(`${row.tenantId} ${row.period} ${row.writer}`, row);
    },
    close() {
      made.closed = true;
      return Promise.resolve();
    },
  };
  return Object.assign(made, { storage: kept });
}

describe("a quota", () => {
  test("of calls is used up, and whole again on the next day of UTC", async () => {
    const { engine, clock, requests } = rig(ok, {
      maxCallMs: 3_600_000,
      quotas: [{ period: "day", calls: 2 }, { tenant: "big", period: "day", calls: 3 }],
    });
    const call = (tenantId: string) => engine.call(callTo(URL_A, { tenantId }));
    await call("a");
    await call("a");
    const error = await failure(call("a"));
    expect(error).toMatchObject({
      code: "quota.exceeded",
      errorClass: ErrorClass.RateLimited,
      origin: "local",
      sent: "no",
      retryAfterMs: 86_400_000 - clock.now() % 86_400_000,
    });
    expect(error.message).toBe(
      "tenant a has used up its quota of calls for this day (UTC)",
    );
    await call("b");
    for (let i = 0; i < 3; i++) await call("big");
    expect((await failure(call("big"))).code).toBe("quota.exceeded");
    expect(requests).toHaveLength(6);
    expect(engine.admission().quotas).toMatchObject({ refused: 2 });
    clock.advance(error.retryAfterMs ?? 0);
    await call("a");
  });

  test("of bytes and cost lets the call that goes over it pass, and refuses the next", async () => {
    const body = JSON.stringify({ usage: { total: 70 } });
    const { engine } = rig(
      () => Promise.resolve(answer(200, body, [["content-type", "application/json"]])),
      {
        quotas: [
          { tenant: "bytes", period: "month", bytes: body.length + 1 },
          { tenant: "cost", period: "day", cost: 100, costFrom: "usage.total" },
        ],
      },
    );
    for (const tenantId of ["bytes", "cost"]) {
      await engine.call(callTo(URL_A, { tenantId }));
      await engine.call(callTo(URL_A, { tenantId }));
      const error = await failure(engine.call(callTo(URL_A, { tenantId })));
      expect(error.message).toContain(`its quota of ${tenantId}`);
    }
    expect(engine.admission().quotas.used).toEqual([
      {
        tenantId: "bytes",
        period: "month",
        what: "bytes",
        limit: body.length + 1,
        used: 2 * body.length,
      },
      { tenantId: "cost", period: "day", what: "cost", limit: 100, used: 140 },
    ]);
    for (let i = 0; i < 5; i++) await engine.call(callTo(URL_A, { tenantId: "none" }));
  });

  test("does not count what was never sent, nor what the other period refuses", async () => {
    const { engine } = rig(ok, {
      quotas: [{ period: "day", calls: 5 }, { period: "month", calls: 1 }],
      egress: {},
    });
    expect((await failure(engine.call(callTo("http://unknown.example/")))).sent).toBe("no");
    await engine.call(callTo(URL_A));
    for (let i = 0; i < 3; i++) {
      expect((await failure(engine.call(callTo(URL_A)))).message).toContain("this month");
    }
    expect(engine.admission().quotas.used.map(({ used }) => used)).toEqual([1, 1]);
  });

  test.each([
    [[{ period: "day" }]],
    [[{ period: "day", calls: -1 }]],
    [[{ period: "day", cost: 1 }]],
    [[{ period: "day", calls: 1, costFrom: "a" }]],
    [[{ period: "day", calls: 1 }, { period: "day", tenant: "*", calls: 2 }]],
  ])("that is none is refused: %j", (quotas) => {
    expect(() => rig(ok, { quotas: quotas as never })).toThrow("engine option quotas[");
  });
});

test("callers who make up tenants shut nobody out for longer than the day", async () => {
  const { engine, clock } = rig(ok, {
    maxCallMs: 3_600_000,
    quotas: [{ period: "day", calls: 2 }, { tenant: "ruled", period: "day", calls: 2 }],
    tenants: { named: {} },
  });
  const call = (tenantId: string) => engine.call(callTo(URL_A, { tenantId }));
  for (let made = 0; made < 10_000; made++) await call(`made-up-${made}`);
  expect((await failure(call("new"))).code).toBe("quota.exceeded");
  for (const name of ["ruled", "named"]) expect((await call(name)).status).toBe(200);
  await clock.advance(86_400_000);
  expect((await call("new")).status).toBe(200);
});

describe("what is stored", () => {
  const quotas = [{ period: "day", calls: 3 } as const];

  test("counts after a restart, and is saved within a second and at the end", async () => {
    const kept = storage();
    const first = rig(ok, { quotas }, {}, "web", { quotaStorage: kept.storage });
    await first.engine.call(callTo(URL_A));
    expect(kept.saves).toBe(0);
    first.clock.advance(1_000);
    await settle();
    expect(kept.saves).toBe(1);
    await first.engine.call(callTo(URL_A));
    await first.engine.close();
    expect(kept).toMatchObject({ saves: 2, closed: true });
    const second = rig(ok, { quotas }, {}, "web", { quotaStorage: kept.storage });
    await second.engine.call(callTo(URL_A));
    expect((await failure(second.engine.call(callTo(URL_A)))).code).toBe("quota.exceeded");
    await second.engine.close();
    expect([...kept.rows.values()].map(({ calls }) => calls)).toEqual([2, 1]);
  });

  test("by another process counts within a second of a call", async () => {
    const kept = storage();
    const [one, two] = [1, 2].map(() =>
      rig(ok, { quotas }, {}, "web", { quotaStorage: kept.storage })
    );
    await one?.engine.call(callTo(URL_A));
    await two?.engine.call(callTo(URL_A));
    for (const made of [one, two, one]) {
      made?.clock.advance(1_000);
      await settle();
    }
    await one?.engine.call(callTo(URL_A));
    one?.clock.advance(1_000);
    await settle();
    await two?.engine.call(callTo(URL_A));
    two?.clock.advance(1_000);
    await settle();
    for (const made of [one, two]) {
      made?.clock.advance(1_000);
      await settle();
    }
    expect((await failure(two?.engine.call(callTo(URL_A)) ?? Promise.resolve())).code)
      .toBe("quota.exceeded");
  });

  test("and cannot be read lets no call pass uncounted; the next one tries again", async () => {
    const kept = storage();
    kept.broken = true;
    const { engine, requests } = rig(ok, { quotas }, {}, "web", { quotaStorage: kept.storage });
    expect((await failure(engine.connect())).code).toBe("quota.storage");
    expect(await failure(engine.call(callTo(URL_A)))).toMatchObject({
      code: "quota.storage",
      errorClass: ErrorClass.Transient,
      sent: "no",
    });
    expect(requests).toHaveLength(0);
    kept.broken = false;
    await engine.call(callTo(URL_A));
  });

  test("and cannot be written for a while is written later", async () => {
    const kept = storage();
    const { engine, clock } = rig(ok, { quotas }, {}, "web", { quotaStorage: kept.storage });
    await engine.call(callTo(URL_A));
    kept.broken = true;
    clock.advance(1_000);
    await settle();
    expect(kept.rows.size).toBe(0);
    kept.broken = false;
    clock.advance(1_000);
    await settle();
    expect([...kept.rows.values()]).toMatchObject([{ tenantId: "t", calls: 1 }]);
  });
});
