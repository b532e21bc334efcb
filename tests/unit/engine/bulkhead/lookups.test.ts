import { expect, test } from "bun:test";
import type { Upstream } from "../../../../src/core/platform.ts";
import { createEngine, type Engine } from "../../../../src/engine/engine.ts";
import { ErrorClass } from "../../../../src/core/errors.ts";
import { fakeClock } from "../../../support/clock.ts";
import { answer, callTo, failure, settle } from "../support.ts";

/** An engine whose resolver answers 3 names at once, and never one that ends in `.silent`. */
function engineOf() {
  const asked: string[] = [];
  const held = new Map<string, (error: Error) => void>();
  const upstream: Upstream = {
    exchange: () => Promise.resolve(answer(200)),
    lookupsAtOnce: 3,
    resolve(host) {
      asked.push(host);
      if (!host.endsWith(".silent")) {
        return Promise.resolve([{ address: "8.8.8.8", family: 4, ttlMs: 60_000 }]);
      }
      return new Promise((_, reject) => held.set(host, reject));
    },
    close: () => Promise.resolve(),
  };
  const clock = fakeClock();
  const engine: Engine = createEngine({ retry: false, breaker: false }, {
    platform: {
      name: "web",
      dial: () => Promise.reject(new Error("not used")),
      createUpstream: () => Promise.resolve(upstream),
      env: () => undefined,
    },
    clock,
  });
  const call = (host: string, tenantId: string, signal?: AbortSignal) =>
    engine.call(callTo(`http://${host}/`, { tenantId, signal }));
  return { asked, held, engine, clock, call };
}

test("names that nobody answers keep only their own tenant waiting", async () => {
  const { asked, engine, call } = engineOf();
  const hung = Array.from({ length: 100 }, (_, at) => failure(call(`${at}.silent`, "A")));
  await settle();
  expect(asked).toEqual(["0.silent"]);
  expect(engine.admission().lookups).toEqual({ active: 1, queued: 99, refused: 0 });
  for (const host of ["b.example", "c.example", "d.example"]) {
    expect((await call(host, "B")).status).toBe(200);
  }
  await engine.close();
  await Promise.all(hung);
});

test("equal names are one question, and one that nobody waits for any more is not asked", async () => {
  const { asked, held, engine, call } = engineOf();
  const first = failure(call("a.silent", "A"));
  const [one, two] = [new AbortController(), new AbortController()];
  const waiting = [one, two].map(({ signal }) => failure(call("b.silent", "A", signal)));
  await settle();
  expect(engine.admission().lookups).toMatchObject({ active: 1, queued: 1 });
  one.abort();
  await settle();
  expect(engine.admission().lookups.queued).toBe(1);
  two.abort();
  await settle();
  expect(engine.admission().lookups.queued).toBe(0);
  const again = failure(call("b.silent", "A"));
  held.get("a.silent")?.(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
  expect(await first).toMatchObject({ code: "dns.not_found", sent: "no" });
  await settle();
  expect(asked).toEqual(["a.silent", "b.silent"]);
  held.get("b.silent")?.(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
  expect(await again).toMatchObject({ code: "dns.not_found" });
  await Promise.all(waiting);
  expect(engine.admission().lookups).toEqual({ active: 0, queued: 0, refused: 0 });
});

test("what waits has a limit, and a deadline", async () => {
  const { engine, clock, call } = engineOf();
  const hung = Array.from({ length: 257 }, (_, at) => failure(call(`${at}.silent`, "A")));
  await settle();
  expect(await failure(call("one-more.silent", "A"))).toMatchObject({
    code: "dns.queue_full",
    errorClass: ErrorClass.RateLimited,
    sent: "no",
    retryAfterMs: 1_000,
  });
  expect(engine.admission().lookups).toEqual({ active: 1, queued: 256, refused: 1 });
  expect((await call("b.example", "B")).status).toBe(200);
  clock.advance(10_000);
  const codes = (await Promise.all(hung)).map(({ code }) => code);
  expect(new Set(codes)).toEqual(new Set(["deadline.exceeded"]));
  await settle();
  expect(engine.admission().lookups.queued).toBe(0);
});
