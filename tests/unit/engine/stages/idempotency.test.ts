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

  test("is made each time with a key that was made for the call, unless the caller sets another", async () => {
    const { engine, requests } = rig(() => Promise.resolve(answer(200)));
    await engine.call(order({ freshKey: true }));
    await engine.call(order({ freshKey: true }));
    expect(requests).toHaveLength(2);
    const own: Partial<CallRequest> = { freshKey: true, headers: [["idempotency-key", "mine"]] };
    await engine.call(order(own));
    await engine.call(order(own));
    expect(requests).toHaveLength(3);
  });

  test("is refused on workerd, where no call can join another, until the time of the first is up", async () => {
    const ends: (() => void)[] = [];
    const { engine, clock, requests } = rig(
      () =>
        Promise.resolve({
          ...answer(200),
          body: new ReadableStream<Uint8Array>({
            start(controller) {
              controller.enqueue(bytes("so far"));
              ends.push(() => controller.close());
            },
          }),
        }),
      {},
      {},
      "workerd",
    );
    const first = engine.call(order());
    const refused = { code: "idempotency.in_progress", sent: "no" };
    expect(await failure(engine.call(order()))).toMatchObject(refused);
    const { body } = await first;
    expect(await failure(engine.call(order()))).toMatchObject(refused);
    expect(requests).toHaveLength(1);
    const read = new Response(body as ReadableStream<Uint8Array>).text();
    ends[0]?.();
    expect(await read).toBe("so far");
    expect(textOf(await engine.call(order()))).toBe("so far");
    expect(requests).toHaveLength(1);
    await engine.call(order({ idempotencyKey: "k2" }));
    clock.advance(10_000);
    await engine.call(order({ idempotencyKey: "k2" }));
    expect(requests).toHaveLength(3);
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

describe("a streamed answer", () => {
  /** Each call's answer is a stream that the test writes. */
  function streamed(options = {}) {
    const out: ReadableStreamDefaultController<Uint8Array>[] = [];
    const left: unknown[] = [];
    const made = rig(() => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => void out.push(controller),
        cancel: (reason) => void left.push(reason),
      }, { highWaterMark: 0 });
      return Promise.resolve({ status: 200, headers: [["x-a", "b"]], body });
    }, options);
    return { ...made, out, left };
  }
  const readerOf = ({ body }: CallReply) => {
    if (!(body instanceof ReadableStream)) throw new Error("not streamed");
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    return {
      next: async () => {
        const { done, value } = await reader.read();
        return done ? undefined : new TextDecoder().decode(value);
      },
      leave: () => reader.cancel(),
    };
  };

  test("is joined: from its start, then as it comes; afterwards it is given again", async () => {
    const { engine, requests, out } = streamed();
    const first = readerOf(await engine.call(order()));
    out[0]?.enqueue(bytes("one"));
    expect(await first.next()).toBe("one");
    const joined = await engine.call(order());
    expect(joined).toMatchObject({ status: 200, headers: [["x-a", "b"]], attempts: 0 });
    const second = readerOf(joined);
    expect(await second.next()).toBe("one");
    expect((await failure(engine.call(order({ body: bytes("two") })))).code)
      .toBe("idempotency.mismatch");
    const both = [first.next(), second.next()];
    out[0]?.enqueue(bytes("two"));
    expect(await Promise.all(both)).toEqual(["two", "two"]);
    out[0]?.close();
    expect(await Promise.all([second.next(), first.next()])).toEqual([undefined, undefined]);
    expect(textOf(await engine.call(order()))).toBe("onetwo");
    expect(requests).toHaveLength(1);
  });

  test("goes on for those who joined when the first leaves, and ends when all have", async () => {
    const { engine, out, left, requests } = streamed();
    const first = readerOf(await engine.call(order()));
    const second = readerOf(await engine.call(order()));
    await first.leave();
    out[0]?.enqueue(bytes("on"));
    expect(await second.next()).toBe("on");
    expect(left).toEqual([]);
    await second.leave();
    await settle();
    expect(left).toHaveLength(1);
    await engine.call(order());
    expect(requests).toHaveLength(2);
  });

  test("that fails, fails for all who read it, and the call is made again", async () => {
    const { engine, out, requests } = streamed();
    const readers = [await engine.call(order()), await engine.call(order())].map(readerOf);
    const ends = readers.map((reader) => failure(reader.next()));
    out[0]?.error(new Error("reset"));
    for (const end of ends) expect(await end).toMatchObject({ sent: "committed" });
    await engine.call(order());
    expect(requests).toHaveLength(2);
  });

  test("too long to be kept is said to be, and the call is not made again", async () => {
    const { engine, out, requests } = streamed({ idempotency: { bytesPerTenant: 800_000 } });
    const first = readerOf(await engine.call(order()));
    const slow = readerOf(await engine.call(order()));
    const piece = "x".repeat(50_000);
    for (let n = 0; n < 8; n++) {
      out[0]?.enqueue(bytes(piece));
      expect(await first.next()).toBe(piece);
    }
    const refused = { code: "idempotency.not_kept", sent: "committed" };
    expect(await failure(slow.next())).toMatchObject(refused);
    expect(await failure(engine.call(order()))).toMatchObject(refused);
    out[0]?.close();
    expect(await first.next()).toBe(undefined);
    expect(await failure(engine.call(order()))).toMatchObject(refused);
    expect(requests).toHaveLength(1);
  });

  test("of many at once is kept within the bytes of a tenant", async () => {
    const { engine, out } = streamed({ idempotency: { bytesPerTenant: 400_000 } });
    const keys = ["a", "b", "c", "d", "e"];
    for (const [n, idempotencyKey] of keys.entries()) {
      const reader = readerOf(await engine.call(order({ idempotencyKey })));
      out[n]?.enqueue(bytes("x".repeat(90_000)));
      await reader.next();
    }
    expect(await failure(engine.call(order({ idempotencyKey: "e" })))).toMatchObject({
      code: "idempotency.not_kept",
    });
    expect(readerOf(await engine.call(order({ idempotencyKey: "d" })))).toBeDefined();
  });
});
