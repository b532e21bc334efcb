import { describe, expect, test } from "bun:test";
import type { CallReply, CallRequest } from "../../../../src/core/call.ts";
import { ErrorClass } from "../../../../src/core/errors.ts";
import type { UpstreamResponse } from "../../../../src/core/platform.ts";
import { answer, callTo, failure, rig, settle } from "../support.ts";

const URL_A = "https://a.example/orders";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (reply: CallReply): string => new TextDecoder().decode(reply.body as Uint8Array);

function order(part: Partial<CallRequest> = {}): CallRequest {
  return {
    ...callTo(URL_A, { method: "POST", body: bytes("one"), idempotencyKey: "k1" }),
    ...part,
  };
}

/** Answers in the order of the requests, given by the test. */
function held(options = {}) {
  const answers: ((response: UpstreamResponse) => void)[] = [];
  const made = rig(
    () => new Promise<UpstreamResponse>((resolve) => answers.push(resolve)),
    options,
  );
  return { ...made, answers };
}

describe("the same call with the same key", () => {
  test("joins the one in progress, and afterwards gets its answer", async () => {
    const { engine, requests, answers } = held();
    const both = [engine.call(order()), engine.call(order())];
    await settle();
    expect(requests).toHaveLength(1);
    answers[0]?.(answer(201, "made", [["location", "/orders/1"]]));
    const [first, second] = await Promise.all(both);
    const third = await engine.call(order());
    expect(requests).toHaveLength(1);
    for (const reply of [first, second, third]) {
      expect(reply).toMatchObject({ status: 201, headers: [["location", "/orders/1"]] });
      expect(textOf(reply as CallReply)).toBe("made");
    }
    expect([first?.attempts, second?.attempts, third.attempts]).toEqual([1, 0, 0]);
    expect(new Set([first?.requestId, second?.requestId, third.requestId]).size).toBe(3);
    // Nobody sees what another does with his copy.
    if (first?.body instanceof Uint8Array) first.body.fill(0);
    expect(textOf(await engine.call(order()))).toBe("made");
  });

  test("is refused when it is another request", async () => {
    const { engine, requests, answers } = held();
    const first = engine.call(order());
    await settle();
    for (const part of [{ body: bytes("two") }, { url: `${URL_A}/2` }, { method: "PATCH" }]) {
      expect(await failure(engine.call(order(part)))).toMatchObject({
        code: "idempotency.in_progress",
        errorClass: ErrorClass.InvalidRequest,
        origin: "caller",
        sent: "no",
      });
    }
    answers[0]?.(answer(200));
    await first;
    expect((await failure(engine.call(order({ body: null })))).code).toBe("idempotency.mismatch");
    expect(requests).toHaveLength(1);
  });

  test("of another tenant, connector or credential is another call", async () => {
    const { engine, requests } = rig(() => Promise.resolve(answer(200)));
    await engine.call(order());
    await engine.call(order({ tenantId: "other" }));
    await engine.call(order({ connector: "other" }));
    await engine.call(order({ headers: [["authorization", "other"]] }));
    expect(requests).toHaveLength(4);
  });

  test("is made by the next in line when its caller gives it up", async () => {
    const { engine, requests, answers } = held();
    const abort = new AbortController();
    const first = failure(engine.call(order({ signal: abort.signal })));
    const second = engine.call(order());
    await settle();
    abort.abort();
    expect((await first).code).toBe("call.cancelled");
    await settle();
    expect(requests).toHaveLength(2);
    answers[1]?.(answer(200, "second"));
    expect(textOf(await second)).toBe("second");
  });

  test("is made anew after an answer that may change, and after a while", async () => {
    let status = 503;
    const { engine, clock, requests } = rig(() => Promise.resolve(answer(status)), {
      idempotency: { ageMs: 5_000 },
    });
    const once = order({ policy: { retry: { attempts: 1 } } });
    for (status of [503, 429, 409, 504, 200]) await engine.call(once);
    expect(requests).toHaveLength(5);
    await engine.call(once);
    expect(requests).toHaveLength(5);
    clock.advance(5_000);
    await engine.call(once);
    expect(requests).toHaveLength(6);
  });

  test("gets no answer of another when that is streamed", async () => {
    const stream = () => new Response("long").body as ReadableStream<Uint8Array>;
    const { engine, requests } = rig(() =>
      Promise.resolve({ status: 200, headers: [], body: stream() })
    );
    const replies = await Promise.all([engine.call(order()), engine.call(order())]);
    for (const { body } of replies) {
      expect(await new Response(body as ReadableStream<Uint8Array>).text()).toBe("long");
    }
    expect(requests).toHaveLength(2);
  });

  test("is made each time where records are switched off", async () => {
    const { engine, requests } = rig(() => Promise.resolve(answer(200)), { idempotency: false });
    await engine.call(order());
    await engine.call(order({ body: bytes("two") }));
    expect(requests).toHaveLength(2);
  });
});

test("the head of an answer and the key count, too: what is kept stays within its bytes", async () => {
  const { engine, requests } = rig(
    () => Promise.resolve(answer(204, "", [["x-large", "x".repeat(20_000)]])),
    { idempotency: { bytes: 100_000, bytesPerTenant: 100_000 } },
  );
  const keys = Array.from({ length: 10 }, (_, n) => `${n}`.padEnd(20_000, "k"));
  for (const idempotencyKey of keys) await engine.call(order({ idempotencyKey }));
  expect(requests).toHaveLength(10);
  await engine.call(order({ idempotencyKey: keys[9] ?? "" }));
  expect(requests).toHaveLength(10);
  // Two of 41 KB each have room; the first is long gone.
  for (const idempotencyKey of keys.slice(0, 8)) await engine.call(order({ idempotencyKey }));
  expect(requests).toHaveLength(18);
});
