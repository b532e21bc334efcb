import { describe, expect, test } from "bun:test";
import type { CallPolicy } from "../../../../src/core/call.ts";
import { ConnectorError, ErrorClass } from "../../../../src/core/errors.ts";
import { answer, callTo, failure, never, rig, settle } from "../support.ts";

const ok = () => Promise.resolve(answer(200, "hello"));
const URL_A = "https://a.example/";
const TWO_A_MINUTE: CallPolicy = {
  rateLimit: { rate: { calls: 2, perMs: 60_000, burst: 2 } },
};

describe("a rate that a connector declares", () => {
  test("lets its calls through and refuses the one beyond", async () => {
    const { engine, clock, requests } = rig(ok);
    const call = () => engine.call(callTo(URL_A, { connector: "shop", policy: TWO_A_MINUTE }));
    await Promise.all([call(), call()]);
    const error = await failure(call());
    expect(error).toMatchObject({
      code: "rate.limited",
      errorClass: ErrorClass.RateLimited,
      origin: "local",
      sent: "no",
      retryAfterMs: 30_000,
    });
    expect(error.message).toContain("2 calls in 60 s that connector shop declares");
    expect(requests).toHaveLength(2);
    clock.advance(30_000);
    await call();
    expect(requests).toHaveLength(3);
  });

  test("makes a call wait when the wait is short", async () => {
    const { engine, clock, requests } = rig(ok);
    const policy = { rateLimit: { rate: { calls: 1, perMs: 2_000, burst: 1 } } };
    await engine.call(callTo(URL_A, { policy }));
    const second = engine.call(callTo(URL_A, { policy }));
    await settle();
    expect(requests).toHaveLength(1);
    expect(engine.admission().rates[0]).toMatchObject({ limit: "declared", queued: 1 });
    clock.advance(2_000);
    expect((await second).status).toBe(200);
  });

  test("counts for each tenant, connector, host and credential on its own", async () => {
    const { engine } = rig(ok);
    const policy = { rateLimit: { rate: { calls: 1, perMs: 60_000, burst: 1 } } };
    const call = (part = {}, url = URL_A) => engine.call(callTo(url, { policy, ...part }));
    await call();
    await call({ tenantId: "other" });
    await call({ connector: "other" });
    await call({}, "https://b.example/");
    await call({ headers: [["Authorization", "Bearer one"]] });
    await call({ headers: [["authorization", "Bearer two"]] });
    expect((await failure(call({ headers: [["authorization", "Bearer one"]] }))).code)
      .toBe("rate.limited");
    expect((await failure(call())).code).toBe("rate.limited");
  });
});

describe("the operator's limits", () => {
  test("are passed from narrow to broad; who is refused by one has used up none", async () => {
    const { engine, requests } = rig(ok, {
      rateLimits: [
        { name: "all", host: "a.example", calls: 3, perMs: 60_000 },
        { name: "each", tenant: "*", host: "a.example", calls: 2, perMs: 60_000 },
      ],
    });
    const call = (tenantId: string) => engine.call(callTo(URL_A, { tenantId }));
    await call("a");
    await call("a");
    const error = await failure(call("a"));
    expect(error.code).toBe("rate.limited");
    expect(error.message).toContain("each (tenant a)");
    await call("b");
    expect((await failure(call("b"))).message).toContain("the rate limit of all is used up");
    // What b's second call took of its own limit came back.
    expect(requests).toHaveLength(3);
    expect(engine.admission().rates.slice(0, 3)).toEqual([
      { limit: "declared", queued: 0, refused: 0 },
      { limit: "each", queued: 0, refused: 1 },
      { limit: "all", queued: 0, refused: 1 },
    ]);
    await engine.call(callTo("https://b.example/", { tenantId: "b" }));
  });

  test("give back what was taken for a call that was never sent", async () => {
    let up = false;
    const refused = new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "connect.refused",
      message: "refused",
    });
    const { engine } = rig(
      () => up ? ok() : Promise.reject(refused),
      { rateLimits: [{ calls: 1, perMs: 60_000 }] },
    );
    const policy = { retry: { attempts: 1 } };
    expect((await failure(engine.call(callTo(URL_A, { policy })))).code).toBe("connect.refused");
    up = true;
    await engine.call(callTo(URL_A));
    expect((await failure(engine.call(callTo(URL_A)))).code).toBe("rate.limited");
  });

  test("count what an answer says it cost", async () => {
    const body = JSON.stringify({ usage: { total_tokens: 60 } });
    const { engine } = rig(
      () => Promise.resolve(answer(200, body, [["content-type", "application/json"]])),
      { rateLimits: [{ cost: 100, perMs: 60_000, guess: 10, costFrom: "usage.total_tokens" }] },
    );
    await engine.call(callTo(URL_A));
    await engine.call(callTo(URL_A));
    // 120 of 100 are used; 30 have to come back before a guess of 10 fits in.
    expect(await failure(engine.call(callTo(URL_A)))).toMatchObject({
      code: "rate.limited",
      retryAfterMs: 18_000,
    });
  });

  test("and what a stream says it cost, for limits and quotas alike", async () => {
    const events = 'data: {"usage":null}\n\ndata: {"usage":{"total_tokens":60}}\n\n';
    const { engine } = rig(
      () => {
        const body = new Response(events).body as ReadableStream<Uint8Array>;
        const headers = [["content-type", "text/event-stream"]] as const;
        return Promise.resolve({ status: 200, headers, body });
      },
      {
        rateLimits: [{ cost: 100, perMs: 60_000, guess: 10, costFrom: "usage.total_tokens" }],
        quotas: [{ period: "day", cost: 500, costFrom: "usage.total_tokens" }],
      },
    );
    for (let made = 0; made < 2; made++) {
      const { body } = await engine.call(callTo(URL_A));
      expect(await new Response(body as ReadableStream).text()).toBe(events);
    }
    expect(await failure(engine.call(callTo(URL_A)))).toMatchObject({ retryAfterMs: 18_000 });
    expect(engine.admission().quotas.used).toMatchObject([{ what: "cost", used: 120 }]);
  });

  test("keep a queue of a certain length", async () => {
    const { engine, clock } = rig(ok, {
      rateLimits: [{ calls: 1, perMs: 1_000, maxQueued: 2, maxWaitMs: 60_000 }],
    });
    await engine.call(callTo(URL_A));
    const waiting = [engine.call(callTo(URL_A)), engine.call(callTo(URL_A))];
    await settle();
    expect(await failure(engine.call(callTo(URL_A)))).toMatchObject({ code: "rate.queue_full" });
    clock.advance(1_000);
    await waiting[0];
    clock.advance(1_000);
    await waiting[1];
  });

  test("in shadow mode refuse nothing and count", async () => {
    const { engine } = rig(ok, {
      rateLimits: [{ calls: 1, perMs: 60_000, shadow: true }],
    });
    for (let i = 0; i < 3; i++) await engine.call(callTo(URL_A));
    expect(engine.admission().rates[1]).toMatchObject({ refused: 2, queued: 0 });
  });

  test.each([
    [{ perMs: 1 }],
    [{ calls: 1, cost: 1, perMs: 1 }],
    [{ calls: 0, perMs: 1 }],
    [{ calls: 1, perMs: 0 }],
    [{ calls: 1, perMs: NaN }],
    [{ calls: 1, perMs: 1, burst: -1 }],
    [{ calls: 1, perMs: 1, maxWaitMs: -1 }],
    [{ calls: 1, perMs: 1, costFrom: "a" }],
  ])("that are none are refused: %j", (rule) => {
    expect(() => rig(ok, { rateLimits: [rule] })).toThrow("engine option rateLimits[0]");
  });
});

describe("in a queue", () => {
  const rateLimits = [{ name: "few", calls: 1, perMs: 4_000 }];

  test("a cancelled call ends at once and makes room", async () => {
    const { engine, clock, requests } = rig(ok, { rateLimits });
    await engine.call(callTo(URL_A));
    const abort = new AbortController();
    const given = failure(engine.call(callTo(URL_A, { signal: abort.signal })));
    const next = engine.call(callTo(URL_A));
    await settle();
    abort.abort();
    expect(await given).toMatchObject({ code: "call.cancelled", sent: "no" });
    clock.advance(4_000);
    await next;
    expect(requests).toHaveLength(2);
    expect(engine.stats().active).toBe(0);
  });

  test("the deadline names what the call was waiting for", async () => {
    const { engine, clock } = rig(never, { rateLimits: [], bulkhead: { perHost: 1 } });
    const first = failure(engine.call(callTo(URL_A)));
    await settle();
    const second = failure(engine.call(callTo(URL_A, { timeoutMs: 2_000 })));
    await settle();
    clock.advance(2_000);
    const error = await second;
    expect(error).toMatchObject({ code: "deadline.exceeded", sent: "no", origin: "local" });
    expect(error.message).toContain("in the queue for a place (tenant t, host a.example)");
    clock.advance(10_000);
    await first;
    expect(engine.admission().bulkhead).toMatchObject({ active: 0, queued: 0 });
  });

  test("no call waits on workerd, where none can wake another", async () => {
    const { engine } = rig(ok, { rateLimits, bulkhead: { perHost: 1 } }, {}, "workerd");
    await engine.call(callTo(URL_A));
    expect(await failure(engine.call(callTo(URL_A)))).toMatchObject({ code: "rate.limited" });
  });
});

test("a limit that is used up is not forgotten because a caller asks for other hosts, or makes up tenants", async () => {
  const { engine } = rig(ok, {
    rateLimits: [{ tenant: "*", host: "*", calls: 2, perMs: 600_000, maxWaitMs: 0 }],
  });
  const call = (host: string, tenantId = "t", policy?: CallPolicy) =>
    engine.call(callTo(`https://${host}/`, { tenantId, ...(policy && { policy }) }));
  await call("a.example");
  await call("a.example");
  for (let n = 0; n < 5_000; n++) await call(`9.9.${n >> 8}.${n & 255}`);
  expect((await failure(call("a.example"))).code).toBe("rate.limited");
  const once: CallPolicy = { rateLimit: { rate: { calls: 1, perMs: 600_000, burst: 1 } } };
  await call("b.example", "u", once);
  for (let n = 0; n < 600; n++) await call("b.example", `made-up-${n}`);
  expect((await failure(call("b.example", "u", once))).code).toBe("rate.limited");
});
