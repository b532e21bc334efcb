/** What a call may cost, in things that can be counted on any machine: `bun run bench` measures time, tests never do. */
import { expect, test } from "bun:test";
import { Soon } from "../../../src/core/async/soon.ts";
import type { CallRequest } from "../../../src/core/call.ts";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Platform, UpstreamResponse } from "../../../src/core/platform.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { callHead, callStart, data, encodePayload } from "../../../src/wire/mod.ts";
import { callTo } from "../engine/support.ts";

const ANSWER: UpstreamResponse = {
  status: 200,
  headers: [["content-type", "application/json"]],
  body: new TextEncoder().encode("{}"),
};

function rig() {
  const counts = { clock: 0, timers: 0 };
  const clock: Clock = {
    ...systemClock,
    monotonic: () => {
      counts.clock++;
      return systemClock.monotonic();
    },
    setTimeout: (callback, ms) => {
      counts.timers++;
      return systemClock.setTimeout(callback, ms);
    },
  };
  const asked: Soon<UpstreamResponse>[] = [];
  const platform: Platform = {
    name: "bun",
    dial: () => Promise.reject(new Error("not used")),
    createUpstream: () =>
      Promise.resolve({
        exchange() {
          const answer = new Soon<UpstreamResponse>();
          asked.push(answer);
          return answer;
        },
        close: () => Promise.resolve(),
      }),
    env: () => undefined,
  };
  const engine = createEngine({ egress: { allow: ["127.0.0.1:9"] } }, { platform, clock });
  return { engine, asked, counts };
}

const request: CallRequest = callTo("http://127.0.0.1:9/small");

test("between a call and its request, and between their answers, lies no turn of the event loop", async () => {
  const { engine, asked } = rig();
  await engine.connect();
  const seen: number[] = [];
  engine.begin(request).then(({ status }) => void seen.push(status));
  expect(asked).toHaveLength(1);
  asked[0]?.resolve(ANSWER);
  expect(seen).toEqual([200]);
  await engine.close();
});

test("a call asks the clock twice, sets no timer of its own and makes no AbortController", async () => {
  const { engine, asked, counts } = rig();
  await engine.connect();
  const usual = globalThis.AbortController;
  let controllers = 0;
  globalThis.AbortController = class extends usual {
    constructor() {
      super();
      controllers++;
    }
  };
  try {
    for (let call = 0; call < 10; call++) {
      // The first arms the timer that watches all deadlines.
      if (call === 1) counts.clock = counts.timers = 0;
      engine.begin(request);
      asked.pop()?.resolve(ANSWER);
    }
  } finally {
    globalThis.AbortController = usual;
  }
  expect({ ...counts, controllers }).toEqual({ clock: 9 * 2, timers: 0, controllers: 0 });
  await engine.close();
});

test("the frames of a call are small", () => {
  const url = "https://api.example.com/v1/items/42";
  const start = { callId: 1, bodyFollows: false, reportRetries: false };
  const call = callTo(url, { headers: [["accept", "application/json"]] });
  const head = {
    callId: 1,
    status: 200,
    headers: [["content-type", "application/json"], ["content-length", "74"]] as const,
    body: new Uint8Array(74),
    bodyFollows: false,
    attempts: 1,
    durationUs: 1_234,
    requestId: "abcdefgh-1a",
    url: "",
    waitedUs: 0,
    queuedUs: 0,
    hedges: 0,
    kept: false,
  };
  expect({
    start: encodePayload(callStart, { ...start, call }).length,
    head: encodePayload(callHead, head).length,
    data: encodePayload(data, { callId: 1, bytes: new Uint8Array(64) }).length,
  }).toEqual({ start: 184, head: 280, data: 104 });
});
