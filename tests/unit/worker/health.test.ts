import { describe, expect, test } from "bun:test";
import type { Health } from "../../../src/core/call.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import type { WorkerOptions } from "../../../src/worker/mod.ts";
import { get, testConnector, testWorker } from "./support.ts";

const healthy: Health = { healthy: true, message: "", activeRequests: 0, availableCredits: 1 };
const runtime = (health: () => Promise<Health>) => ({
  call: () => Promise.reject(new Error("not used")),
  health,
});

/** A clock that stands still until it is moved; its timers fire then. */
function manualClock() {
  let now = 0;
  const timers = new Set<{ at: number; callback: () => void }>();
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    setTimeout(callback, ms) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return timer;
    },
    clearTimeout: (timer) => void timers.delete(timer as { at: number; callback: () => void }),
  };
  const move = (ms: number) => {
    now += ms;
    for (const timer of [...timers]) {
      if (timer.at <= now && timers.delete(timer)) timer.callback();
    }
  };
  return { clock, move };
}

describe("/readyz", () => {
  test("is 200 with the runtime and every check that passed", async () => {
    const worker = testWorker({ "notes.list": () => ({ data: {} }) }, {
      runtime: runtime(() => Promise.resolve(healthy)),
    });
    const response = await get(worker, "/readyz");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "ready",
      checks: { runtime: { ok: true }, notes: { ok: true } },
    });
  });

  test("is 503 with the reason of what failed", async () => {
    const logged: string[] = [];
    const worker = testWorker({
      "notes.list": () => {
        throw new ConnectorError({
          errorClass: ErrorClass.Permanent,
          code: "connect.refused",
          message: "10.0.0.9:443 said no: sk-very-secret",
        });
      },
    }, {
      onError: (text) => logged.push(text),
      runtime: runtime(() => Promise.resolve({ ...healthy, healthy: false, message: "draining" })),
    });
    const response = await get(worker, "/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: "not ready",
      checks: {
        runtime: { ok: false, detail: "draining" },
        notes: { ok: false, code: "connect.refused", detail: "[address] said no: [redacted]" },
      },
    });
    expect(logged).toEqual(["connect.refused: 10.0.0.9:443 said no: [redacted]"]);
  });

  test("does not wait for what never answers", async () => {
    const { clock, move } = manualClock();
    const worker = testWorker({ "notes.list": () => new Promise(() => {}) }, {
      clock,
      readinessTimeoutMs: 500,
    });
    const response = get(worker, "/readyz");
    for (let round = 0; round < 20; round++) await Promise.resolve();
    move(500);
    expect(await (await response).json()).toMatchObject({
      checks: { notes: { ok: false, detail: "no answer within 500 ms" } },
    });
  });

  test("asks once for many, and again only after a while", async () => {
    const { clock, move } = manualClock();
    let asked = 0;
    const worker = testWorker({ "notes.list": () => ({ data: ++asked }) }, {
      clock,
      readinessCacheMs: 1000,
    });
    await Promise.all([get(worker, "/readyz"), get(worker, "/readyz"), get(worker, "/readyz")]);
    move(999);
    await get(worker, "/readyz");
    expect(asked).toBe(1);
    move(1);
    await get(worker, "/readyz");
    expect(asked).toBe(2);
  });

  test("a connector that nobody configured does not count; /livez asks nobody", async () => {
    let asked = 0;
    const count = { "notes.list": () => ({ data: ++asked }) };
    const connectors = [testConnector({}, "configured"), testConnector(count)];
    const config = { configured: { apiKey: "sk-very-secret" } };
    const worker = testWorker({}, { connectors, config });
    expect((await get(worker, "/readyz")).status).toBe(200);
    expect((await get(worker, "/livez")).status).toBe(200);
    expect(asked).toBe(0);
  });

  test("is 503 when no connector at all can be called; /livez is not", async () => {
    const worker = testWorker({}, { config: {} });
    const response = await get(worker, "/readyz");
    expect([response.status, await response.json()]).toMatchObject([503, {
      status: "not ready",
      checks: {
        notes: {
          ok: false,
          code: "config.missing",
          detail: "not configured: notes needs apiKey: set NOTES_KEY",
        },
      },
    }]);
    expect((await get(worker, "/livez")).status).toBe(200);
  });

  test("a round that ended with the request that began it is not waited for by all later ones", async () => {
    const { clock, move } = manualClock();
    let asked = 0;
    // workerd lets neither the answer nor the timers of a request live on when its client leaves.
    const dead: Clock = { ...clock, setTimeout: () => undefined };
    const list = () => ++asked === 1 ? new Promise(() => {}) : { data: {} };
    const worker = testWorker({ "notes.list": list }, { clock: dead, readinessTimeoutMs: 500 });
    void get(worker, "/readyz");
    for (let round = 0; round < 20; round++) await Promise.resolve();
    move(1000);
    expect((await get(worker, "/readyz")).status).toBe(200);
    expect(asked).toBe(2);
  });

  test("a connector that needs nothing and was given nothing does not count either", async () => {
    let asked = 0;
    const { config, ...rest } = testConnector({ "notes.list": () => ({ data: ++asked }) });
    const open = {
      ...rest,
      config: config.map((field) => ({ ...field, optional: true })),
      create: () => ({} as never),
    };
    const checks = async (options: Partial<WorkerOptions>) =>
      await (await get(testWorker({}, { connectors: [open], ...options }), "/readyz")).json();
    expect(await checks({ config: {} })).toMatchObject({
      checks: { notes: { ok: true, detail: "not configured: none of its settings are given" } },
    });
    expect(asked).toBe(0);
    await checks({ config: {}, env: (name) => name === "NOTES_KEY" ? "sk-given" : undefined });
    expect(asked).toBe(1);
  });
});
