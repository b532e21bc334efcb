import { describe, expect, test } from "bun:test";
import {
  type OperationData,
  OperationFailedError,
  placeParameters,
  waitable,
} from "../../../../src/connector/mod.ts";
import { fakeClock } from "../../../support/clock.ts";
import { type Answer, client, FakeRuntime, GET, rejection } from "../support.ts";

const POLL: OperationData = {
  ...GET,
  id: "jobs.get",
  path: ["/jobs/", 0],
  place: placeParameters,
  parameters: [{ name: "id", in: "path", required: true }],
};

const START: OperationData = {
  ...GET,
  id: "jobs.start",
  method: "POST",
  path: "/jobs",
  wait: {
    poll: () => POLL,
    input: [{ name: "id", from: ["job", "id"] }, { name: "verbose", value: true }],
    until: [{ path: ["status"], oneOf: ["done"] }],
    failed: [{ path: ["status"], oneOf: ["failed"] }],
    intervalMs: 1000,
    maxIntervalMs: 3000,
    result: ["output"],
  },
};

function start(states: readonly object[]) {
  const clock = fakeClock();
  const answer: Answer = (_, index) => ({
    body: index === 0 ? { job: { id: "j1" } } : states[index - 1] ?? states.at(-1),
  });
  const runtime = new FakeRuntime(answer);
  const call = waitable<unknown, unknown>(client(runtime), START, {});
  /** Lets everything that can happen at this time happen. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return { clock, runtime, call, settle };
}

describe("waitFor", () => {
  test("polls at growing intervals until it is finished, and returns the result", async () => {
    const { clock, runtime, call, settle } = start([{ status: "queued" }, { status: "running" }, {
      status: "running",
    }, { status: "done", output: 42 }]);
    const states: unknown[] = [];
    const result = call.waitFor({
      timeoutMs: 60_000,
      clock,
      onPoll: (state) => states.push(state),
    });
    await settle();
    const counts: number[] = [];
    for (const ms of [999, 1, 1999, 1, 2999, 1]) {
      clock.advance(ms);
      await settle();
      counts.push(runtime.calls.length);
    }
    expect(counts).toEqual([2, 3, 3, 4, 4, 5]);
    expect(await result).toBe(42);
    expect(states.length).toBe(4);
    expect(runtime.calls.slice(1).every((one) => one.url === "https://api.test/v1/jobs/j1")).toBe(
      true,
    );
    expect(clock.pending).toBe(0);
  });

  test("the call alone gives its own answer and asks nothing", async () => {
    const { call, runtime } = start([]);
    expect(await call).toEqual({ job: { id: "j1" } });
    expect(runtime.calls.length).toBe(1);
  });

  test("a failed operation carries its state", async () => {
    const { clock, call } = start([{ status: "failed", reason: "x" }]);
    const error = await rejection(call.waitFor({ timeoutMs: 60_000, clock }));
    expect(error).toBeInstanceOf(OperationFailedError);
    expect(error).toMatchObject({ code: "wait.failed", state: { status: "failed", reason: "x" } });
  });

  test("the deadline is the caller's", async () => {
    const { clock, call, settle } = start([{ status: "running" }]);
    const outcome = rejection(call.waitFor({ timeoutMs: 2500, clock }));
    await settle();
    for (let at = 0; at < 5; at++) {
      clock.advance(1000);
      await settle();
    }
    expect(await outcome).toMatchObject({ code: "wait.timeout" });
  });

  test("an abort ends the pause", async () => {
    const { clock, call, settle } = start([{ status: "running" }]);
    const abort = new AbortController();
    const outcome = rejection(call.waitFor({ timeoutMs: 60_000, clock, signal: abort.signal }));
    await settle();
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  test("no deadline is not a deadline", async () => {
    const { clock, call } = start([]);
    expect(await rejection(call.waitFor({ timeoutMs: NaN, clock }))).toMatchObject({
      code: "config.invalid",
    });
  });
});
