import { describe, expect, test } from "bun:test";
import type { CallReply, CallRequest } from "../../../../src/core/call.ts";
import { ConnectorError, ErrorClass } from "../../../../src/core/errors.ts";
import type { UpstreamRequest, UpstreamResponse } from "../../../../src/core/platform.ts";
import type { CallRecord, EngineOptions } from "../../../../src/engine/engine.ts";
import { answer, callTo, failure, type Rig, rig, settle } from "../support.ts";

/** Answers of an upstream that come when a test says so. */
class Stage {
  readonly rig: Rig;
  readonly asked: {
    readonly request: UpstreamRequest;
    readonly resolve: (answer: UpstreamResponse) => void;
    readonly reject: (error: ConnectorError) => void;
  }[] = [];
  readonly records: CallRecord[] = [];

  constructor(options: EngineOptions = {}) {
    this.rig = rig(
      (request) => new Promise((resolve, reject) => this.asked.push({ request, resolve, reject })),
      { retry: {}, onCall: (record) => this.records.push(record), ...options },
    );
  }

  call(part: Partial<CallRequest> = {}): Promise<CallReply> {
    const policy = { hedge: { afterMs: 100 } };
    return this.rig.engine.call(callTo("https://a.example/x", { policy, ...part }));
  }

  async pass(ms: number): Promise<void> {
    await settle();
    this.rig.clock.advance(ms);
    await settle();
  }
}

const RESET = new ConnectorError({
  errorClass: ErrorClass.Transient,
  code: "upstream.reset",
  message: "reset",
  origin: "upstream",
  sent: "maybe",
});

describe("hedging", () => {
  test("sends a GET once more when no answer has begun, takes the first good answer, and gives the other up", async () => {
    const stage = new Stage();
    const reply = stage.call();
    await stage.pass(99);
    expect(stage.asked.length).toBe(1);
    await stage.pass(1);
    expect(stage.asked.length).toBe(2);
    stage.asked[1]?.resolve(answer(200, "second"));
    const { attempts, hedges, body, status } = await reply;
    expect([status, attempts, hedges]).toEqual([200, 2, 1]);
    expect(new TextDecoder().decode(body as Uint8Array)).toBe("second");
    expect(stage.asked.map(({ request }) => request.signal.aborted)).toEqual([true, false]);
    expect(stage.records).toMatchObject([{ status: 200, attempts: 2, hedges: 1, code: undefined }]);
    expect(stage.rig.engine.stats().active).toBe(0);
  });

  test("an answer in time is all there is", async () => {
    const stage = new Stage();
    const reply = stage.call();
    await stage.pass(50);
    stage.asked[0]?.resolve(answer(404));
    expect(await reply).toMatchObject({ status: 404, attempts: 1 });
    await stage.pass(1_000);
    expect(stage.asked.length).toBe(1);
    expect((await reply).hedges).toBeUndefined();
  });

  test("only what may be repeated, and only where the policy or the operator asks for it", async () => {
    const asked = async (part: Partial<CallRequest>, options: EngineOptions = {}) => {
      const stage = new Stage(options);
      stage.call(part).catch(() => {});
      await stage.pass(100);
      return stage.asked.length;
    };
    const hedge = { afterMs: 100 };
    const post = { method: "POST", body: new Uint8Array(1) };
    expect(await asked({ policy: {} })).toBe(1);
    expect(await asked({ policy: {} }, { hedge })).toBe(2);
    expect(await asked({}, { hedge: false })).toBe(1);
    expect(await asked({}, { retry: false })).toBe(1);
    expect(await asked({ policy: { hedge, retry: { attempts: 1 } } })).toBe(1);
    expect(await asked({ ...post })).toBe(1);
    expect(await asked({ ...post, policy: { hedge, idempotent: true } })).toBe(2);
    const headers = [["idempotency-key", "k"]] as const;
    expect(await asked({ ...post, headers, idempotencyKey: "k" })).toBe(2);
    const body = new ReadableStream<Uint8Array>();
    expect(await asked({ method: "PUT", body })).toBe(1);
    // The operator's time is the least, his number the most.
    expect(await asked({}, { hedge: { afterMs: 200 } })).toBe(1);
  });

  test("at most as many as asked for, within the attempts and the retry budget", async () => {
    const made = async (part: Partial<CallRequest>, options: EngineOptions = {}) => {
      const stage = new Stage(options);
      stage.call(part).catch(() => {});
      for (let i = 0; i < 10; i++) await stage.pass(100);
      return stage.asked.length;
    };
    const hedge = { afterMs: 100, attempts: 5 };
    expect(await made({ policy: { hedge, retry: { attempts: 20 } } })).toBe(5);
    expect(await made({ policy: { hedge } })).toBe(3);
    expect(await made({ policy: { hedge } }, { hedge: { attempts: 2 } })).toBe(2);
    const budget = { share: 0, perSecond: 0.1 };
    const retry = { attempts: 20, budget };
    expect(await made({ policy: { hedge, retry: { attempts: 20 } } }, { retry })).toBe(2);
  });

  test("a failure waits for the parallel attempt; if all fail, they are retried as usual", async () => {
    const stage = new Stage();
    const reply = stage.call();
    await stage.pass(100);
    stage.asked[0]?.reject(RESET);
    await settle();
    stage.asked[1]?.resolve(answer(200));
    expect(await reply).toMatchObject({ status: 200, attempts: 2, hedges: 1 });

    const failing = new Stage();
    const error = failing.call();
    await failing.pass(100);
    failing.asked[0]?.resolve(answer(503));
    failing.asked[1]?.reject(RESET);
    // Two are made, and a third is left.
    await failing.pass(1_000);
    expect(failing.asked.length).toBe(3);
    failing.asked[2]?.resolve(answer(502, "sorry"));
    expect(await error).toMatchObject({ status: 502, attempts: 3, hedges: 1 });
  });

  test("what one attempt may have brought about is not taken back by another", async () => {
    const refused = new ConnectorError({ ...RESET, code: "connect.refused", sent: "no" });
    const stage = new Stage({ retry: { attempts: 2 } });
    const work = failure(stage.call());
    await stage.pass(100);
    stage.asked[0]?.reject(RESET);
    stage.asked[1]?.reject(refused);
    expect(await work).toMatchObject({ sent: "maybe", attempts: 2 });
  });

  test("the deadline and the caller end all attempts, and say what was sent", async () => {
    const stage = new Stage();
    const late = failure(stage.call({ timeoutMs: 150 }));
    await stage.pass(100);
    await stage.pass(50);
    expect(await late).toMatchObject({
      code: "deadline.exceeded",
      sent: "maybe",
      attempts: 2,
      message: expect.stringContaining("while waiting for the response"),
    });
    const controller = new AbortController();
    const given = failure(stage.call({ signal: controller.signal }));
    await stage.pass(100);
    controller.abort();
    expect(await given).toMatchObject({ code: "call.cancelled", sent: "maybe", attempts: 2 });
    expect(stage.asked.every(({ request }) => request.signal.aborted)).toBe(true);
  });

  test("a call waiting in one of our queues is not queued again", async () => {
    const rateLimits = [{ calls: 1, perMs: 1_000 }];
    const stage = new Stage({ rateLimits });
    const first = stage.call({ policy: {} });
    const second = stage.call();
    await stage.pass(500);
    expect(stage.asked.length).toBe(1);
    stage.asked[0]?.resolve(answer(200));
    await first;
    await stage.pass(500);
    stage.asked[1]?.resolve(answer(200));
    expect(await second).toMatchObject({ attempts: 1 });
  });

  test("the winner's streamed answer continues, and ends with its call", async () => {
    const stage = new Stage();
    const reply = stage.call();
    await stage.pass(100);
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({ cancel: () => resolve() });
    stage.asked[1]?.resolve({ status: 200, headers: [], body });
    const stream = (await reply).body as ReadableStream<Uint8Array>;
    expect(stage.asked[1]?.request.signal.aborted).toBe(false);
    await stream.cancel();
    await cancelled;
    expect(stage.records).toMatchObject([{ code: "call.cancelled", attempts: 2 }]);
  });

  test("options that make no sense are refused by name", () => {
    for (const hedge of [{ afterMs: 0 }, { afterMs: NaN }, { attempts: 0 }]) {
      const [name = ""] = Object.keys(hedge);
      expect(() => new Stage({ hedge })).toThrow(`hedge.${name}`);
    }
  });
});
