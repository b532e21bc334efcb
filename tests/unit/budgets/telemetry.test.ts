/** What telemetry costs a call as long as no SDK is registered: looks at one global, and nothing else. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { RuntimeClient } from "../../../mod.ts";
import type { CallReply } from "../../../src/core/call.ts";
import { trace } from "../../../src/engine/stages/trace.ts";
import type { ActiveCall } from "../../../src/engine/call.ts";
import { telemetry, traced } from "../../../src/telemetry/mod.ts";
import { callTo, rig } from "../engine/support.ts";

/** Where version 1 of `@opentelemetry/api` keeps what is registered. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

let before: PropertyDescriptor | undefined;
let looks = 0;
let used: PropertyKey[] = [];

/** As the API leaves it behind once it is loaded, without an SDK: with things that are of no concern to us. */
const api = new Proxy({ version: "1.9.0" }, {
  get(target, name) {
    if (name !== "trace" && name !== "metrics") used.push(name);
    return Reflect.get(target, name);
  },
});

beforeEach(() => {
  before = Object.getOwnPropertyDescriptor(globalThis, REGISTERED);
  Object.defineProperty(globalThis, REGISTERED, {
    configurable: true,
    get() {
      looks++;
      return api;
    },
  });
  [looks, used] = [0, []];
});
afterEach(() => {
  if (before === undefined) Reflect.deleteProperty(globalThis, REGISTERED);
  else Object.defineProperty(globalThis, REGISTERED, before);
});

test("a call looks twice, once for itself and once for its attempt, however many calls there are", async () => {
  const { engine } = rig(async () => ({ status: 200, headers: [], body: new Uint8Array(2) }));
  await engine.connect();
  const client = new RuntimeClient({ transport: engine });
  const [perCall, calls] = [2, 50];
  await client.executeHTTP({ url: "http://a.example/" });
  looks = 0;
  for (let call = 0; call < calls; call++) await client.executeHTTP({ url: "http://a.example/" });
  expect(looks).toBe(perCall * calls);
  // A span, a meter or a context would have been asked for there.
  expect(used).toEqual([]);
  await client.close();
  await engine.close();
});

test("nothing stands between a call and its reply: no promise, no copy of the request, no stream around a body", () => {
  expect(telemetry()).toBeUndefined();
  const request = callTo("http://a.example/");
  const reply = Promise.resolve() as unknown as Promise<CallReply>;
  const given: unknown[] = [];
  const next = (passed: unknown): Promise<CallReply> => {
    given.push(passed);
    return reply;
  };
  for (const role of ["internal", "client", "server"] as const) {
    expect(traced(role, request, next)).toBe(reply);
  }
  const call = { request } as unknown as ActiveCall;
  expect(trace(call, next)).toBe(reply);
  expect(given).toEqual([request, request, request, call]);
  expect(given[0]).toBe(request);
  expect(given[3]).toBe(call);
  expect(call.request).toBe(request);
});
