import { expect, test } from "bun:test";
import { ErrorClass } from "../../../../src/core/errors.ts";
import type { UpstreamResponse } from "../../../../src/core/platform.ts";
import { answer, callTo, failure, rig, settle } from "../support.ts";

const URL_A = "https://a.example/";
const URL_B = "https://b.example/";

/** An upstream whose answers the test gives, in the order of the requests. */
function held() {
  const answers: ((response: UpstreamResponse) => void)[] = [];
  const exchange = () => new Promise<UpstreamResponse>((resolve) => answers.push(resolve));
  return { answers, exchange };
}

test("a host that hangs holds up its own calls, not those to others", async () => {
  const { answers, exchange } = held();
  const { engine, requests } = rig(exchange, { bulkhead: { perHost: 2, queue: 1 } });
  const calls = [1, 2, 3].map(() => engine.call(callTo(URL_A)));
  await settle();
  expect(requests).toHaveLength(2);
  expect(engine.admission().bulkhead).toEqual({ active: 2, queued: 1, refused: 0 });
  const error = await failure(engine.call(callTo(URL_A)));
  expect(error).toMatchObject({
    code: "bulkhead.full",
    errorClass: ErrorClass.RateLimited,
    origin: "local",
    sent: "no",
    retryAfterMs: 1_000,
  });
  const elsewhere = engine.call(callTo(URL_B));
  await settle();
  expect(requests).toHaveLength(3);
  answers[2]?.(answer(200));
  await elsewhere;
  answers[0]?.(answer(200));
  await settle();
  expect(requests).toHaveLength(4);
  answers[1]?.(answer(200));
  answers[3]?.(answer(200));
  await Promise.all(calls);
  expect(engine.admission().bulkhead).toEqual({ active: 0, queued: 0, refused: 1 });
});

test("tenants take turns", async () => {
  const { answers, exchange } = held();
  const { engine, requests } = rig(exchange, { bulkhead: { total: 1 } });
  const done: string[] = [];
  const call = (tenantId: string) =>
    engine.call(callTo(URL_A, { tenantId })).then(() => done.push(tenantId));
  const calls = ["A", "A", "A", "A", "B"].map(call);
  for (let i = 0; i < 5; i++) {
    await settle();
    expect(requests).toHaveLength(i + 1);
    answers[i]?.(answer(200));
  }
  await Promise.all(calls);
  expect(done.indexOf("B")).toBeLessThan(3);
});

test("a streamed answer frees its place at the head", async () => {
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const { engine, requests } = rig(() =>
    Promise.resolve({
      status: 200,
      headers: [],
      body: new ReadableStream<Uint8Array>({
        start: (controller) => void streams.push(controller),
      }),
    }), { bulkhead: { perHost: 1, queue: 0 } });
  const replies = [];
  for (let i = 0; i < 20; i++) replies.push(await engine.call(callTo(URL_A)));
  expect(requests).toHaveLength(20);
  expect(engine.admission().bulkhead).toEqual({ active: 0, queued: 0, refused: 0 });
  for (const stream of streams) stream.close();
  for (const { body } of replies) expect(await new Response(body as BodyInit).text()).toBe("");
});

test("a failed call frees its place, whether it was sent or not", async () => {
  const { engine, zone } = rig(
    () => Promise.reject(Object.assign(new Error("no"), { code: "ECONNRESET" })),
    { bulkhead: { total: 1, queue: 0 } },
  );
  zone["gone.example"] = [];
  for (const url of [URL_A, "http://gone.example/", "http://unknown.example/", URL_A]) {
    const error = await failure(engine.call(callTo(url, { policy: { retry: { attempts: 1 } } })));
    expect(error.code).not.toBe("bulkhead.full");
  }
  expect(engine.admission().bulkhead?.active).toBe(0);
});

test("switched off, it limits nothing", async () => {
  const { answers, exchange } = held();
  const { engine, requests } = rig(exchange, { bulkhead: false });
  const calls = Array.from({ length: 300 }, () => engine.call(callTo(URL_A)));
  await settle();
  expect(requests).toHaveLength(300);
  expect(engine.admission().bulkhead).toBeUndefined();
  for (const give of answers) give(answer(200));
  await Promise.all(calls);
});

test.each([[{ total: 0 }], [{ perTenant: 1.5 }], [{ perHost: -1 }], [{ queue: -1 }]])(
  "an option that is none is refused: %j",
  (bulkhead) => {
    expect(() => rig(() => Promise.reject(new Error()), { bulkhead })).toThrow("bulkhead.");
  },
);

test("thousands that fail as soon as it is their turn, one after the other, go through", async () => {
  let answerFirst: (response: UpstreamResponse) => void = () => {};
  let made = 0;
  const exchange = () => {
    if (++made > 1) throw new Error("no socket left");
    return new Promise<UpstreamResponse>((resolve) => answerFirst = resolve);
  };
  const { engine } = rig(exchange, {
    bulkhead: { total: 1, queue: 5_000 },
    retry: false,
    breaker: false,
  });
  const first = engine.call(callTo(URL_A));
  await settle();
  const others = Promise.allSettled(
    Array.from({ length: 5_000 }, () => engine.call(callTo(URL_A))),
  );
  await settle();
  expect(engine.admission().bulkhead).toMatchObject({ active: 1, queued: 5_000 });
  answerFirst(answer(200));
  await first;
  const outcomes = await others;
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(5_000);
  expect(made).toBe(5_001);
  expect(engine.admission().bulkhead).toEqual({ active: 0, queued: 0, refused: 0 });
});
