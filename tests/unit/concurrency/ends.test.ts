/** What has ended begins nothing more, and leaves nothing open. */
import { describe, expect, test } from "bun:test";
import { RuntimeClient } from "../../../src/client/mod.ts";
import { cancelled } from "../../../src/core/async/within.ts";
import type { CallRequest, Transport } from "../../../src/core/call.ts";
import {
  ConnectionPool,
  gather,
  parallelRequests,
  TaskGroup,
  WorkerPool,
} from "../../../src/concurrency/mod.ts";
import { never, settle } from "./support.ts";

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => ["value", value], (error: unknown) => error);

/** A source that gives its first item at once, and the next when it is told to. */
function slowSource() {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* items(): AsyncGenerator<number> {
    yield 1;
    await promise;
    yield 2;
  }
  return { items: items(), go: resolve };
}

describe("a task that has not begun", () => {
  test("when its group is cancelled never begins", async () => {
    const begun: string[] = [];
    const group = new TaskGroup();
    const one = group.start(() => void begun.push("task"));
    const two = group.startReady(() => void begun.push("ready"));
    const reason = new Error("enough");
    group.cancel(reason);
    expect(await outcome(one)).toBe(reason);
    expect(await outcome(two)).toBe(reason);
    await group.join();
    expect(begun).toEqual([]);
  });

  test("when another one fails at once never begins, however it looks at its signal", async () => {
    const failure = new Error("at once");
    const listens = (signal: AbortSignal) =>
      new Promise((_, reject) => {
        // Too late for a signal that has aborted, as programs often have it.
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const all = outcome(gather([() => Promise.reject(failure), listens]));
    const group = new TaskGroup();
    group.start(listens).catch(() => {});
    group.cancel();
    await group.join();
    expect(await all).toBe(failure);
  });
});

describe("an item that comes from its source when all is over", () => {
  test("by an abort is not worked on", async () => {
    const { items, go } = slowSource();
    const begun: number[] = [];
    const controller = new AbortController();
    const work = async (item: number, signal: AbortSignal) => {
      begun.push(item);
      await never(signal);
    };
    const all = outcome(parallelRequests(items, work, { signal: controller.signal }));
    await settle();
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await all).toBe(reason);
    go();
    await settle();
    expect(begun).toEqual([1]);
  });

  test("by a failure is not worked on, nor by a pool of workers", async () => {
    for (const pooled of [false, true]) {
      const { items, go } = slowSource();
      const begun: number[] = [];
      const failure = new Error("of the first");
      const work = async (item: number) => {
        begun.push(item);
        await settle();
        throw failure;
      };
      const run = async () => {
        if (!pooled) return await parallelRequests(items, work);
        const pool = new WorkerPool(work, { workers: 2 });
        for await (const _ of pool.process(items));
      };
      expect(await outcome(run())).toBe(failure);
      go();
      await settle();
      expect(begun).toEqual([1]);
    }
  });
});

describe("a pool of connections", () => {
  test("closes a connection of which it cannot be said whether it is usable", async () => {
    const destroyed: number[] = [];
    let opened = 0;
    const broken = new Error("cannot say");
    let ask: () => boolean = () => true;
    const pool = new ConnectionPool({
      create: async () => ++opened,
      destroy: (connection: number) => void destroyed.push(connection),
      isUsable: () => ask(),
      max: 1,
    });
    (await pool.acquire()).release();
    ask = () => {
      throw broken;
    };
    expect(await outcome(pool.acquire())).toBe(broken);
    expect([destroyed, pool.open, pool.unused]).toEqual([[1], 0, 0]);
    const lease = await pool.acquire();
    expect(lease.connection).toBe(2);
    lease.release();
    await pool.close();
  });

  test("lets a caller leave while what it cannot use is closed, and gives others the place", async () => {
    let usable = true;
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    let opened = 0;
    const pool = new ConnectionPool({
      create: async () => ++opened,
      destroy: () => closed,
      isUsable: () => usable,
      max: 1,
    });
    (await pool.acquire()).release();
    usable = false;
    const controller = new AbortController();
    const left = outcome(pool.acquire({ signal: controller.signal }));
    await settle();
    const reason = new Error("no longer");
    controller.abort(reason);
    expect(await left).toBe(reason);
    const next = pool.acquire();
    await settle();
    expect([opened, pool.open]).toEqual([1, 1]);
    close();
    usable = true;
    expect((await next).connection).toBe(2);
    expect(pool.open).toBe(1);
  });
});

test("calls that a group cancels do not fail on their own", async () => {
  const call = (request: CallRequest): Promise<never> =>
    new Promise((_, reject) => {
      const { signal } = request;
      signal?.addEventListener("abort", () => reject(cancelled(signal, "maybe")), { once: true });
    });
  const transport = { address: "embedded:", protocol: "embedded", call } as unknown as Transport;
  const client = new RuntimeClient({ transport });
  const failure = new Error("of one task");
  const all = gather([
    (signal) => client.executeHTTP({ url: "http://a.example/", signal }),
    (signal) => client.streamHTTP({ url: "http://a.example/", signal }),
    (signal) => client.fetch("http://a.example/", { signal }),
    async () => {
      await settle();
      throw failure;
    },
  ]);
  expect(await outcome(all)).toBe(failure);
  await client.close();
});
