import { describe, expect, test } from "bun:test";
import type { CallReply, CallRequest } from "../../../../src/core/call.ts";
import { ConnectorError, type ErrorClass } from "../../../../src/core/errors.ts";
import type { UpstreamResponse } from "../../../../src/core/platform.ts";
import type { EngineOptions, RetryRecord } from "../../../../src/engine/engine.ts";
import { answer, callTo, failure, never, type Rig, rig, settle } from "../support.ts";

type Step = UpstreamResponse | ConnectorError | "hang";

/** An upstream that does one step after the other, and the last one ever after. `retry` and `breaker` are on unless said otherwise. */
function play(steps: readonly Step[], options: EngineOptions = {}): Rig {
  let at = 0;
  return rig((request) => {
    const step = steps[Math.min(at++, steps.length - 1)] as Step;
    if (step === "hang") return never(request);
    return step instanceof ConnectorError ? Promise.reject(step) : Promise.resolve(step);
  }, { retry: {}, ...options });
}

function broken(code: string, sent: "no" | "maybe", errorClass: ErrorClass = 1): ConnectorError {
  return new ConnectorError({ errorClass, code, message: code, origin: "upstream", sent });
}

const REFUSED = broken("connect.refused", "no");
const RESET = broken("upstream.reset", "maybe");

/** Moves the clock on, millisecond by millisecond, until the call is over. */
async function over<T>(made: Rig, work: Promise<T>, mostMs = 120_000): Promise<T> {
  let done = false;
  work.then(() => done = true, () => done = true);
  await settle();
  for (let ms = 0; !done && ms < mostMs; ms += 10) {
    made.clock.advance(10);
    await settle();
  }
  return await work;
}

function call(made: Rig, part: Partial<CallRequest> = {}): Promise<CallReply> {
  return over(made, made.engine.call(callTo("https://a.example/x", part)));
}

describe("retry", () => {
  test("a call that fails for a moment succeeds, and says how often it was tried", async () => {
    const made = play([answer(503), RESET, answer(200, "yes")]);
    const reply = await call(made);
    expect([reply.status, reply.attempts]).toEqual([200, 3]);
    // Half of 100 ms, then half of 200 ms.
    expect(Math.round(made.clock.monotonic())).toBe(150);
  });

  test("the third answer is the answer, whatever it is", async () => {
    const made = play([answer(500), answer(502), answer(503, "sorry")]);
    const reply = await call(made);
    expect([reply.status, reply.attempts, made.requests.length]).toEqual([503, 3, 3]);
    expect(new TextDecoder().decode(reply.body as Uint8Array)).toBe("sorry");
  });

  test("the third failure is the failure, and what an earlier attempt sent stays sent", async () => {
    const error = await failure(call(play([RESET, RESET, REFUSED])));
    expect(error).toMatchObject({ code: "connect.refused", attempts: 3, sent: "maybe" });
    const answered = await failure(call(play([answer(503), REFUSED])));
    expect(answered).toMatchObject({ code: "connect.refused", attempts: 3, sent: "maybe" });
    expect((await failure(call(play([REFUSED])))).sent).toBe("no");
  });

  test("switched off, by the operator or by the call, there is one attempt", async () => {
    for (const retry of [false, { attempts: 1 }] as const) {
      const made = play([answer(503), answer(200)], { retry });
      expect((await call(made, { policy: { retry: { attempts: 5 } } })).status).toBe(503);
      expect(made.requests.length).toBe(1);
    }
    const made = play([answer(503), answer(200)]);
    expect((await call(made, { policy: { retry: { attempts: 1 } } })).attempts).toBe(1);
  });

  test("the strictest of operator and call counts", async () => {
    const two = play([answer(503)], { retry: { attempts: 2 } });
    expect((await call(two, { policy: { retry: { attempts: 9 } } })).attempts).toBe(2);
    const five = play([answer(503)]);
    expect((await call(five, { policy: { retry: { attempts: 5 } } })).attempts).toBe(5);
    const wait = answer(503, "", [["retry-after", "20"]]);
    const short = play([wait], { retry: { maxWaitMs: 10_000 } });
    const patient = { policy: { retry: { maxWaitMs: 60_000 } }, timeoutMs: 60_000 };
    expect((await call(short, patient)).attempts).toBe(1);
    const keyed = play([answer(503)], { retry: { unsafe: "never" } });
    const headers: [string, string][] = [["idempotency-key", "k"]];
    const post = { method: "POST", headers, idempotencyKey: "k" };
    expect((await call(keyed, post)).attempts).toBe(1);
    // What a spec's `unsafe: always` becomes.
    const policy = { idempotent: true, retry: { unsafe: "always" } } as const;
    for (const unsafe of ["never", "keyed"] as const) {
      const made = play([answer(503)], { retry: { unsafe } });
      expect((await call(made, { method: "POST", policy })).attempts).toBe(1);
    }
    expect((await call(play([answer(503)]), { method: "POST", policy })).attempts).toBe(3);
  });

  test("a POST is repeated when nothing was sent, or with a key that the API gets to see", async () => {
    const post = { method: "POST", body: new Uint8Array([1]) };
    expect((await call(play([answer(503)]), post)).attempts).toBe(1);
    expect((await failure(call(play([RESET]), post))).attempts).toBe(1);
    expect((await call(play([REFUSED, answer(200)]), post)).attempts).toBe(2);
    const keyed = { ...post, idempotencyKey: "k" };
    expect((await call(play([RESET, answer(200)]), keyed)).attempts).toBe(2);
    // A connector writes the key where its API looks for it; one that did not has none.
    const hidden = { ...keyed, connector: "acme" };
    expect((await failure(call(play([RESET]), hidden))).attempts).toBe(1);
  });

  describe("a streamed body", () => {
    const PIECES = ["one", "two", "three"].map((text) => new TextEncoder().encode(text));

    /** An upstream that reads so many pieces of a body before it fails, and the whole of the last. */
    function reading(counts: readonly number[], options: EngineOptions = {}) {
      const bodies: string[] = [];
      const made = rig(async ({ body }) => {
        const most = counts[bodies.length];
        const reader = (body as ReadableStream<Uint8Array>).getReader();
        let text = "";
        bodies.push(text);
        for (let read = 0; read < (most ?? Infinity); read++) {
          const { done, value } = await reader.read();
          if (done) break;
          bodies[bodies.length - 1] = text += new TextDecoder().decode(value);
        }
        if (most === undefined) return answer(200);
        await reader.cancel();
        return answer(503);
      }, { retry: {}, ...options });
      return { made, bodies };
    }

    function source(): { body: ReadableStream<Uint8Array>; cancelled: () => boolean } {
      const left = [...PIECES];
      let cancelled = false;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          const piece = left.shift();
          if (piece === undefined) controller.close();
          // As programs do that have one buffer for all pieces.
          else controller.enqueue(piece.slice());
        },
        cancel: () => void (cancelled = true),
      }, { highWaterMark: 0 });
      return { body, cancelled: () => cancelled };
    }

    const put = (made: Rig, part: Partial<CallRequest> = {}) =>
      call(made, { method: "PUT", body: source().body, ...part });

    test("is sent again from its start, whatever an attempt has read of it", async () => {
      const { made, bodies } = reading([0, 2]);
      expect(await put(made)).toMatchObject({ status: 200, attempts: 3 });
      expect(bodies).toEqual(["", "onetwo", "onetwothree"]);
      const headers = [["content-length", "11"]] as const;
      const whole = reading([3, 1]);
      expect((await put(whole.made, { headers })).attempts).toBe(3);
      expect(whole.bodies).toEqual(["onetwothree", "one", "onetwothree"]);
    });

    test("that is longer than the limit, or that must not be kept, is sent once", async () => {
      const short = { retry: { bodyBytes: 5 } };
      for (
        const [counts, attempts, options, part] of [
          [[1], 2, short, {}],
          [[2], 1, short, {}],
          [[1], 1, {}, { hold: () => false }],
          [[1], 2, {}, { hold: () => true }],
          [[1], 1, {}, { method: "POST" }],
          [[0], 1, {}, { method: "POST" }],
        ] as const
      ) {
        const { made } = reading(counts, options);
        expect((await put(made, part)).attempts).toBe(attempts);
      }
      expect(() => rig(never, { retry: { bodyBytes: -1 } })).toThrow("retry.bodyBytes");
    });

    test("is given up when the answer is here, and when the call ends", async () => {
      const made = rig(() => Promise.resolve(answer(201)), { retry: {} });
      const unread = source();
      await call(made, { method: "PUT", body: unread.body });
      expect(unread.cancelled()).toBe(true);
      const failing = rig(never, { retry: {} });
      const late = source();
      await failure(call(failing, { method: "PUT", body: late.body, timeoutMs: 50 }));
      expect(late.cancelled()).toBe(true);
    });
  });

  test("Retry-After and what a policy declares are lower bounds", async () => {
    const made = play([answer(429, "", [["Retry-After", "7"]]), answer(200)]);
    expect((await call(made)).attempts).toBe(2);
    expect(made.clock.monotonic()).toBeGreaterThanOrEqual(7_000);
    const declared = play([answer(429, "", [["x-reset", "3s"]]), answer(200)]);
    const wait = [{ kind: "header", header: "x-reset", as: ["duration"] }] as const;
    expect((await call(declared, { policy: { retry: { wait } } })).attempts).toBe(2);
    expect(declared.clock.monotonic()).toBeGreaterThanOrEqual(3_000);
  });

  test("a Retry-After past the deadline gives the answer at once", async () => {
    const made = play([answer(429, "", [["retry-after", "11"]])]);
    const reply = await call(made, { timeoutMs: 10_000 });
    expect([reply.status, reply.attempts]).toEqual([429, 1]);
    expect(made.clock.monotonic()).toBeLessThan(100);
    expect(reply.headers).toEqual([["retry-after", "11"]]);
  });

  test("an answer's body is given back before the next attempt", async () => {
    let cancelled = 0;
    const body = new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ });
    const made = play([{ status: 503, headers: [], body }, answer(200)]);
    expect((await call(made)).attempts).toBe(2);
    expect(cancelled).toBe(1);
  });

  test("an attempt that gets no answer in time is cancelled and retried", async () => {
    const made = play(["hang", answer(200)]);
    const reply = await call(made, { policy: { firstByteTimeoutMs: 1_000 } });
    expect([reply.status, reply.attempts]).toEqual([200, 2]);
    expect(made.requests.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    const post = play(["hang"]);
    const policy = { firstByteTimeoutMs: 1_000 };
    expect(await failure(call(post, { method: "POST", policy }))).toMatchObject({
      code: "timeout.first_byte",
      sent: "maybe",
      attempts: 1,
    });
  });

  test("the call's signal ends an attempt that has a time limit of its own", async () => {
    const made = play(["hang"]);
    const controller = new AbortController();
    const policy = { firstByteTimeoutMs: 1_000 };
    const work = made.engine.call(
      callTo("https://a.example/", { policy, signal: controller.signal }),
    );
    await settle();
    controller.abort();
    expect((await failure(work)).code).toBe("call.cancelled");
    expect(made.requests[0]?.signal.aborted).toBe(true);
  });

  test("the deadline is kept, in attempts and between them", async () => {
    const made = play([answer(503), "hang"]);
    const error = await failure(call(made, { timeoutMs: 2_000 }));
    expect(error).toMatchObject({ code: "deadline.exceeded", attempts: 2, sent: "maybe" });
    expect(made.clock.monotonic()).toBeLessThanOrEqual(2_050);
    const always = play([answer(503)]);
    const policy = { retry: { attempts: 20 } };
    const reply = await call(always, { timeoutMs: 2_000, policy });
    expect(reply.status).toBe(503);
    expect(always.clock.monotonic()).toBeLessThanOrEqual(2_050);
  });

  test("a caller who leaves between two attempts is heard at once", async () => {
    const made = play([answer(503, "", [["retry-after", "5"]])]);
    const controller = new AbortController();
    const work = made.engine.call(callTo("https://a.example/", { signal: controller.signal }));
    await settle();
    controller.abort();
    expect(await failure(work)).toMatchObject({ code: "call.cancelled", sent: "maybe" });
    made.clock.advance(10_000);
    await settle();
    expect(made.requests.length).toBe(1);
    expect(made.engine.stats().active).toBe(0);
  });

  test("a name that cannot be resolved at the moment is retried", async () => {
    const made = play([answer(200)]);
    const work = made.engine.call(callTo("https://c.example/"));
    await settle();
    made.zone["c.example"] = ["8.8.8.8"];
    const reply = await over(made, work).catch((error: ConnectorError) => error);
    expect(reply.attempts).toBe(2);
  });

  test("1,000 calls that fail together stay within the budget", async () => {
    const made = play([answer(503)]);
    const work = Promise.all(
      Array.from({ length: 1_000 }, () => made.engine.call(callTo("https://a.example/"))),
    );
    const replies = await over(made, work);
    expect(replies.every(({ status }) => status === 503)).toBe(true);
    const retries = made.requests.length - 1_000;
    expect(retries).toBeGreaterThan(200);
    expect(retries).toBeLessThanOrEqual(1_000 * 0.2 + 3 * 10);
  });

  test("what the host did is said, rather than that our own limits refuse another attempt", async () => {
    for (const [step, seen] of [[answer(503, "sorry"), 503], [RESET, "upstream.reset"]] as const) {
      const rateLimits = [{ calls: 1, perMs: 600_000 }];
      const made = play([step], { rateLimits });
      const found = await call(made).then(({ status, attempts, body }) => {
        expect(new TextDecoder().decode(body as Uint8Array)).toBe("sorry");
        return [status, attempts];
      }, (error: ConnectorError) => [error.code, error.attempts]);
      expect(found).toEqual([seen, 1]);
      expect(made.requests.length).toBe(1);
    }
  });

  test("tenants have budgets of their own", async () => {
    const made = play([answer(503)], { retry: { budget: { share: 0, perSecond: 0.1 } } });
    expect((await call(made, { tenantId: "one" })).attempts).toBe(2);
    expect((await call(made, { tenantId: "one" })).attempts).toBe(1);
    expect((await call(made, { tenantId: "two" })).attempts).toBe(2);
  });

  test("answers and errors say what was spent between attempts and in queues", async () => {
    const rateLimits = [{ calls: 1, perMs: 1_000 }];
    const made = play([answer(503), answer(200)], { rateLimits });
    const reply = await call(made);
    expect([reply.status, reply.attempts, reply.waitedUs]).toEqual([200, 2, 50_000]);
    expect(reply.queuedUs).toBeGreaterThanOrEqual(900_000);
    const failing = play([RESET], { rateLimits });
    const error = await failure(call(failing, { policy: { retry: { attempts: 2 } } }));
    expect(error).toMatchObject({ attempts: 2, waitedUs: 50_000 });
    expect(error.toJSON()["queuedUs"]).toBeGreaterThanOrEqual(900_000);
  });

  describe("a rule about bodies", () => {
    const rules = [{ body: [{ path: ["code"], oneOf: ["quota"] }], retry: "never" }] as const;
    const piece = new TextEncoder().encode(`{"code":"quota"${" ".repeat(50_000)}`);
    function streamed(pieces: readonly Uint8Array[], end: boolean): UpstreamResponse {
      const left = [...pieces];
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          const next = left.shift();
          if (next !== undefined) controller.enqueue(next);
          else if (end) controller.close();
          else return new Promise(() => {});
        },
      }, { highWaterMark: 0 });
      return { status: 503, headers: [], body };
    }
    const policy = { retry: { rules } };

    test("reads a streamed one, which is then whole", async () => {
      const parts = [piece, new TextEncoder().encode("}")];
      const made = play([streamed(parts, true), answer(200)]);
      const reply = await call(made, { policy });
      expect([reply.status, reply.attempts]).toEqual([503, 1]);
      expect(reply.body).toHaveLength(piece.length + 1);
      const other = [new TextEncoder().encode('{"code":'), new TextEncoder().encode('"busy"}')];
      const again = play([streamed(other, true), answer(200)]);
      expect((await call(again, { policy })).status).toBe(200);
    });

    test("that is too long or too late to be read does not repeat the call, and loses nothing of it", async () => {
      const long = play([streamed([piece, piece, piece], true), answer(200)]);
      const reply = await call(long, { policy });
      expect([reply.status, reply.attempts]).toEqual([503, 1]);
      expect((await new Response(reply.body as ReadableStream).bytes()).length)
        .toBe(3 * piece.length);
      const late = play([streamed([piece], false), answer(200)]);
      const begun = await call(late, { policy });
      expect([begun.status, begun.attempts]).toEqual([503, 1]);
      const reader = (begun.body as ReadableStream<Uint8Array>).getReader();
      expect((await reader.read()).value).toEqual(piece);
      await reader.cancel();
      // Without such a rule it is repeated.
      const free = play([streamed([piece], false), answer(200)]);
      expect((await call(free)).status).toBe(200);
    });
  });

  test("every repetition is reported before its wait", async () => {
    const records: RetryRecord[] = [];
    const made = play([answer(503), RESET, answer(200)], {
      onRetry: (record) => records.push(record),
    });
    await call(made);
    expect(records.map(({ attempts, waitMs, status, code }) => [attempts, waitMs, status, code]))
      .toEqual([[1, 50, 503, undefined], [2, 100, 0, "upstream.reset"]]);
  });

  test("options that make no sense are refused by name", () => {
    for (
      const [retry, name] of [
        [{ attempts: 0 }, "retry.attempts"],
        [{ backoff: { baseMs: -1 } }, "retry.backoff.baseMs"],
        [{ maxWaitMs: NaN }, "retry.maxWaitMs"],
        [{ budget: { share: -1 } }, "retry.budget.share"],
      ] as const
    ) expect(() => rig(never, { retry })).toThrow(name);
  });
});
