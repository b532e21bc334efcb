import { describe, expect, test } from "bun:test";
import { ApiClient, type BatchItem, ErrorClass, type RuntimeClientOptions } from "../../../mod.ts";
import type { CallRequest } from "../../../src/core/call.ts";
import { cancelled } from "../../../src/core/async/within.ts";
import { fakeClock } from "../../support/clock.ts";
import { bytes, failure, fakeTransport } from "../client/helpers.ts";
import { settle } from "../concurrency/support.ts";
import { FakeRuntime } from "../transport/fake_runtime.ts";

/** `/n` answers when the test says so, or at once; it ends as an engine's calls do when they are aborted. */
function held(options: RuntimeClientOptions = {}) {
  const waiting = new Map<string, () => void>();
  const aborted: string[] = [];
  let most = 0;
  const transport = fakeTransport((request: CallRequest) => {
    const { pathname, search } = new URL(request.url);
    if (search === "?fail") return { status: 500, body: bytes("broken") };
    if (search !== "?wait") return { body: bytes(pathname) };
    return new Promise((resolve, reject) => {
      waiting.set(pathname, () => {
        waiting.delete(pathname);
        resolve({ body: bytes(pathname) });
      });
      most = Math.max(most, waiting.size);
      request.signal?.addEventListener("abort", () => {
        // One that has been answered is over.
        if (!waiting.delete(pathname)) return;
        aborted.push(pathname);
        reject(cancelled(request.signal, "maybe"));
      });
    });
  });
  const api = new ApiClient({ transport, baseURL: "http://a", ...options });
  return {
    api,
    transport,
    aborted,
    waiting,
    get most() {
      return most;
    },
  };
}

const gets = (count: number, query = ""): BatchItem[] =>
  Array.from({ length: count }, (_, index) => ({ path: `/${index}${query}` }));

describe("a batch", () => {
  test("has a result for each request, in their order, whatever ends first", async () => {
    const { api, waiting } = held();
    const running = api.batchRequest(gets(5, "?wait"), { maxConcurrency: 5 });
    await settle();
    for (const path of ["/3", "/0", "/4", "/1", "/2"]) {
      waiting.get(path)?.();
      await settle();
    }
    const results = await running;
    expect(results.map(({ index, response }) => [index, response?.text()]))
      .toEqual([[0, "/0"], [1, "/1"], [2, "/2"], [3, "/3"], [4, "/4"]]);
    expect(await api.batchRequest([])).toEqual([]);
  });

  test("gives results as they come, too, and cancels the others when its reader leaves", async () => {
    const { api, waiting, aborted, transport } = held();
    const order: number[] = [];
    const reading = (async () => {
      for await (const { index } of api.streamBatch(gets(9, "?wait"), { maxConcurrency: 3 })) {
        order.push(index);
        if (order.length === 2) break;
      }
    })();
    await settle();
    waiting.get("/2")?.();
    await settle();
    waiting.get("/3")?.();
    await reading;
    expect(order).toEqual([2, 3]);
    expect(aborted.sort()).toEqual(["/0", "/1"]);
    expect(transport.requests.length).toBe(4);
  });

  test("keeps a failure in its place", async () => {
    const { api } = held();
    const results = await api.batchRequest([
      { path: "/0" },
      { path: "/1?fail" },
      { path: "/2", url: "http://b" },
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(results[1]?.error).toMatchObject({ status: 500, errorClass: ErrorClass.Transient });
    expect(results[2]?.error).toMatchObject({ code: "request.url" });
  });

  test("never has more in flight than its limit", async () => {
    const batch = held();
    const running = batch.api.batchRequest(gets(7, "?wait"), { maxConcurrency: 2 });
    for (let left = 7; left > 0; left--) {
      await settle();
      expect(batch.waiting.size).toBe(Math.min(2, left));
      [...batch.waiting.values()][0]?.();
    }
    await running;
    expect(batch.most).toBe(2);
  });

  test("keeps at its time limit what is finished, cancels what is in flight, sends no more", async () => {
    const clock = fakeClock();
    const { api, waiting, transport } = held();
    const running = api.batchRequest(gets(4, "?wait"), {
      maxConcurrency: 2,
      timeoutMs: 100,
      clock,
    });
    await settle();
    waiting.get("/0")?.();
    await settle();
    clock.advance(100);
    const results = await running;
    expect(results.map(({ ok, error }) => ok || [error?.code, error?.errorClass, error?.sent]))
      .toEqual([
        true,
        ["deadline.exceeded", ErrorClass.Timeout, "maybe"],
        ["deadline.exceeded", ErrorClass.Timeout, "maybe"],
        ["deadline.exceeded", ErrorClass.Timeout, "no"],
      ]);
    expect([transport.requests.length, clock.pending]).toEqual([3, 0]);
  });

  test("that raises cancels the others and throws the first error itself", async () => {
    const { api, aborted, transport } = held();
    const items = [...gets(2, "?wait"), { path: "/bad?fail" }, ...gets(5)];
    const error = await failure(api.batchRequest(items, { maxConcurrency: 3, raiseOnError: true }));
    expect([error.name, error.status]).toEqual(["ServerError", 500]);
    expect([aborted.sort(), transport.requests.length]).toEqual([["/0", "/1"], 3]);

    const clock = fakeClock();
    const limits = { timeoutMs: 5, raiseOnError: true, clock };
    const late = failure(held().api.batchRequest(gets(1, "?wait"), limits));
    await settle();
    clock.advance(5);
    expect((await late).errorClass).toBe(ErrorClass.Timeout);
  });

  test("passes an outer abort on to every call, and keeps what is finished", async () => {
    const { api, waiting, aborted, transport } = held();
    const controller = new AbortController();
    const { signal } = controller;
    const running = api.batchRequest(gets(5, "?wait"), { maxConcurrency: 3, signal });
    await settle();
    waiting.get("/1")?.();
    await settle();
    controller.abort();
    const results = await running;
    expect(results.map(({ ok, error }) => ok || [error?.code, error?.sent])).toEqual([
      ["call.cancelled", "maybe"],
      true,
      ["call.cancelled", "maybe"],
      ["call.cancelled", "maybe"],
      ["call.cancelled", "no"],
    ]);
    expect([aborted.sort(), transport.requests.length]).toEqual([["/0", "/2", "/3"], 4]);
    const raised = await failure(api.batchRequest(gets(1), { signal, raiseOnError: true }));
    expect(raised.code).toBe("call.cancelled");
  });

  test("lets a request's own options win, whose time does not count while it waits", async () => {
    const { api, transport } = held();
    const items = [{ path: "/0" }, { path: "/1", timeoutMs: 7, tenantId: "own", traceId: "t" }];
    await api.batchRequest(items, {
      maxConcurrency: 1,
      timeoutMs: 1000,
      each: { timeoutMs: 50, tenantId: "all", retries: 0 },
    });
    expect(
      transport.requests.map((
        { timeoutMs, tenantId, traceId, policy },
      ) => [timeoutMs, tenantId, traceId, policy?.retry?.attempts]),
    ).toEqual([[50, "all", "", 1], [7, "own", "t", 1]]);

    const own = held();
    const { signal } = new AbortController();
    const controller = new AbortController();
    const running = own.api.batchRequest([
      { path: "/0?wait", signal: controller.signal },
      { path: "/1?wait", signal },
    ]);
    await settle();
    controller.abort();
    own.waiting.get("/1")?.();
    expect((await running).map(({ ok }) => ok)).toEqual([false, true]);
  });

  test("refuses limits that make no sense: zero does not mean none", async () => {
    const { api, transport } = held();
    for (const wrong of [0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      const error = await failure(api.batchRequest(gets(1), { maxConcurrency: wrong }));
      expect([error.code, error.message.includes(String(wrong))]).toEqual(["batch.options", true]);
    }
    for (const wrong of [0, -1, Number.NaN]) {
      const error = await failure(api.batchRequest(gets(1), { timeoutMs: wrong }));
      expect(error.code).toBe("batch.options");
    }
    expect((await failure(api.streamBatch([], { maxConcurrency: 0 }).next())).code)
      .toBe("batch.options");
    expect(transport.requests.length).toBe(0);
  });

  test("connects once, not once a request", async () => {
    const runtime = new FakeRuntime();
    const api = new ApiClient({ address: "unix:/fake.sock", platform: runtime.platform });
    const items = Array.from({ length: 5 }, () => ({ url: "http://a/" }));
    expect((await api.batchRequest(items)).every(({ ok }) => ok)).toBe(true);
    expect(runtime.dials).toBe(1);
    await api.close();
  });

  test("takes requests from a source without end only when there is room", async () => {
    const { api } = held();
    let [made, seen, closed] = [0, 0, false];
    async function* source(): AsyncGenerator<BatchItem> {
      try {
        for (;; made++) yield { path: `/${made}` };
      } finally {
        closed = true;
      }
    }
    for await (const { ok } of api.streamBatch(source(), { maxConcurrency: 4 })) {
      expect(ok).toBe(true);
      expect(made - seen).toBeLessThanOrEqual(5);
      if (++seen === 100) break;
    }
    await settle();
    expect(closed).toBe(true);
  });

  test("ends with its signal while it waits for a source", async () => {
    const { api } = held();
    const controller = new AbortController();
    async function* stuck(): AsyncGenerator<BatchItem> {
      yield { path: "/0" };
      await new Promise(() => {});
    }
    const results = api.streamBatch(stuck(), { signal: controller.signal });
    expect((await results.next()).value).toMatchObject({ ok: true, index: 0 });
    const next = results.next();
    controller.abort();
    expect((await next).done).toBe(true);
  });
});
