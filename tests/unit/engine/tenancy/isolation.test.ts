/** What one tenant's calls leave behind must not be visible to, affect or be used by another's. */
import { expect, test } from "bun:test";
import type { CallRequest } from "../../../../src/core/call.ts";
import type { EngineOptions } from "../../../../src/engine/engine.ts";
import { answer, callTo, failure, rig, settle } from "../support.ts";

const URL_OF_ALL = "https://a.example/";
const from = (tenantId: string, part: Partial<CallRequest> = {}) =>
  callTo(URL_OF_ALL, { tenantId, ...part });
const text = (body: unknown) => new TextDecoder().decode(body as Uint8Array);

function counting(options: EngineOptions, headers: [string, string][] = []) {
  let count = 0;
  return rig(() => Promise.resolve(answer(200, `answer ${++count}`, headers)), options);
}

test("the cache", async () => {
  const { engine, requests } = counting({ cache: true }, [["cache-control", "max-age=60"]]);
  expect(text((await engine.call(from("one"))).body)).toBe("answer 1");
  expect(text((await engine.call(from("two"))).body)).toBe("answer 2");
  expect(text((await engine.call(from("one"))).body)).toBe("answer 1");
  expect(requests).toHaveLength(2);
});

test("shared answers in progress", async () => {
  const { engine, requests } = counting({ coalesce: true });
  const calls = ["one", "one", "two"].map((tenant) => engine.call(from(tenant)));
  const bodies = (await Promise.all(calls)).map(({ body }) => text(body));
  expect(bodies[0]).toBe(bodies[1] ?? "");
  expect(bodies[2]).not.toBe(bodies[0] ?? "");
  expect(requests).toHaveLength(2);
});

test("answers kept under an idempotency key", async () => {
  const { engine, requests } = counting({});
  const part = { method: "POST", body: new Uint8Array(1), idempotencyKey: "k" };
  expect(text((await engine.call(from("one", part))).body)).toBe("answer 1");
  expect(text((await engine.call(from("two", part))).body)).toBe("answer 2");
  expect(text((await engine.call(from("one", part))).body)).toBe("answer 1");
  expect(requests).toHaveLength(2);
});

test("credentials", async () => {
  const key = { connectors: ["*"], hosts: ["a.example"], headers: { "x-key": "${secret}" } };
  const { engine, requests } = counting({
    coalesce: true,
    credentials: ["one", "two"].map((tenant) => ({
      ...key,
      name: tenant,
      tenants: [tenant],
      secret: `secret of ${tenant}`,
    })),
  });
  await Promise.all(["one", "two", "three"].map((tenant) => engine.call(from(tenant))));
  const keys = requests.map(({ headers }) => headers.find(([name]) => name === "x-key")?.[1]);
  expect(keys).toEqual(["secret of one", "secret of two", undefined]);
});

test("the state of breakers", async () => {
  let broken = true;
  const { engine } = rig(
    () => Promise.resolve(answer(broken ? 500 : 200)),
    { breaker: {} },
  );
  for (let i = 0; i < 20; i++) await engine.call(from("one")).catch(() => {});
  broken = false;
  expect((await failure(engine.call(from("one")))).code).toBe("breaker.open");
  expect((await engine.call(from("two"))).status).toBe(200);
});

test("limits that an API tells", async () => {
  const { engine } = counting({}, [["ratelimit-remaining", "0"], ["ratelimit-reset", "3600"]]);
  await engine.call(from("one"));
  await settle();
  expect((await failure(engine.call(from("one")))).code).toBe("rate.learned");
  expect((await engine.call(from("two"))).status).toBe(200);
});

test("limits that a connector declares", async () => {
  const { engine } = counting({});
  const policy = { rateLimit: { rate: { calls: 1, perMs: 3_600_000, burst: 1 } } };
  await engine.call(from("one", { policy }));
  expect((await failure(engine.call(from("one", { policy })))).code).toBe("rate.limited");
  expect((await engine.call(from("two", { policy }))).status).toBe(200);
});

test("places", async () => {
  const { engine, requests } = rig(
    ({ url }) => url.pathname === "/hang" ? new Promise(() => {}) : Promise.resolve(answer(200)),
    { bulkhead: { perTenant: 1, queue: 0 } },
  );
  const hanging = failure(engine.call({ ...from("one"), url: `${URL_OF_ALL}hang` }));
  await settle();
  expect((await failure(engine.call(from("one")))).code).toBe("bulkhead.full");
  expect((await engine.call(from("two"))).status).toBe(200);
  expect(requests).toHaveLength(2);
  await engine.close();
  expect((await hanging).code).toBe("client.closed");
});
