import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ConnectionPool, type Lease, WorkerPool } from "../../../src/concurrency/mod.ts";
import { ErrorClass } from "../../../src/core/errors.ts";
import { halfOf } from "../../support/share.ts";
import { abortAnywhere, never, settle } from "./support.ts";

/** Counts what is open in reality, whatever the pool believes. */
function connections(opening: () => Promise<void> = settle) {
  const counts = { made: 0, open: 0, most: 0 };
  return {
    counts,
    create: async () => {
      counts.most = Math.max(counts.most, ++counts.open);
      await opening();
      return { id: ++counts.made };
    },
    destroy: async () => {
      await settle();
      counts.open--;
    },
  };
}

describe("a pool of connections", () => {
  test("never opens more than its limit: two for five callers", async () => {
    const { counts, create, destroy } = connections();
    const pool = new ConnectionPool({ create, destroy, max: 2 });
    await Promise.all([1, 2, 3, 4, 5].map(async () => {
      using lease = await pool.acquire();
      await settle();
      expect(lease.connection.id).toBeLessThanOrEqual(2);
    }));
    expect(counts).toEqual({ made: 2, open: 2, most: 2 });
    expect([pool.open, pool.unused, pool.waiting]).toEqual([2, 2, 0]);
    await pool.close();
    expect(counts.open).toBe(0);
  });

  test("keeps to its limit whatever its users do, and when opening fails", async () => {
    const act = fc.constantFrom("acquire", "acquire", "release", "discard", "abort", "fail");
    const steps = fc.array(fc.record({ act, at: fc.nat(3) }), { minLength: 10, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const { counts, create, destroy } = connections(() => Promise.resolve());
        let failing = false;
        const pool = new ConnectionPool({
          max: 2,
          destroy,
          create: async () => {
            const connection = await create();
            if (!failing) return connection;
            counts.open--;
            throw new Error("refused");
          },
        });
        const leases: Lease<unknown>[] = [];
        const controllers: AbortController[] = [];
        const waiting: Promise<void>[] = [];
        for (const { act, at } of steps) {
          failing = act === "fail";
          if (act === "acquire" || act === "fail") {
            const controller = new AbortController();
            controllers.push(controller);
            waiting.push(
              pool.acquire({ signal: controller.signal })
                .then((lease) => void leases.push(lease), () => {}),
            );
            // Sometimes the next step comes while it is being opened.
            if (at % 2 === 0) await settle();
          } else if (act === "abort") controllers[at]?.abort();
          else {
            const [lease] = leases.splice(at, 1);
            if (act === "release") lease?.release();
            else lease?.discard();
          }
          expect(counts.open).toBeLessThanOrEqual(2);
          expect(pool.open).toBeLessThanOrEqual(2);
        }
        failing = false;
        for (const controller of controllers) controller.abort();
        await Promise.all(waiting);
        for (const lease of leases) lease.release();
        await settle();
        // Nothing was lost: both can be had at once.
        const both = await Promise.all([pool.acquire(), pool.acquire()]);
        for (const lease of both) lease.release();
        await pool.close();
        expect([counts.open, pool.open, counts.most <= 2]).toEqual([0, 0, true]);
      }),
      halfOf(200),
    );
  });

  test("replaces what is no longer usable", async () => {
    const { counts, create, destroy } = connections();
    const pool = new ConnectionPool({ create, destroy, isUsable: ({ id }) => id !== 1, max: 1 });
    (await pool.acquire()).release();
    const second = await pool.acquire();
    expect([second.connection.id, counts.most]).toEqual([2, 1]);
    second.discard();
    second.release();
    expect((await pool.acquire()).connection.id).toBe(3);
  });

  test("keeps for others what was opened for a caller that has left", async () => {
    const { create } = connections();
    const pool = new ConnectionPool({ create, max: 1 });
    await abortAnywhere(
      async (signal) => (await pool.acquire({ signal })).release(),
      async () => {
        (await pool.acquire()).release();
        expect(pool.open).toBe(1);
      },
    );
  });

  test("refuses waiting callers when closed, and destroys returned connections", async () => {
    const { counts, create, destroy } = connections();
    await using pool = new ConnectionPool({ create, destroy, max: 1 });
    const lease = await pool.acquire();
    const waiting = pool.acquire();
    await pool.close();
    await expect(waiting).rejects.toThrow("The pool was closed");
    await expect(pool.acquire()).rejects.toThrow("The pool was closed");
    lease.release();
    await settle();
    await settle();
    expect(counts.open).toBe(0);
    expect(() => new ConnectionPool({ create, max: 0 })).toThrow("max is 0");
  });
});

describe("a pool of workers", () => {
  test("works on as many items as it has workers, and takes as many as there is room for", async () => {
    let [taken, done, most] = [0, 0, 0];
    const pool: WorkerPool<number, number> = new WorkerPool(async (item: number) => {
      most = Math.max(most, pool.working);
      expect(pool.queued).toBeLessThanOrEqual(1);
      for (let turn = 0; turn <= item % 3; turn++) await settle();
      done++;
      return item;
    }, { workers: 2, queueSize: 1 });
    async function* items() {
      for (; taken < 12; taken++) {
        expect(taken - done).toBeLessThanOrEqual(3);
        yield taken;
      }
    }
    const results: number[] = [];
    for await (const result of pool.process(items())) results.push(result);
    expect(results.toSorted((a, b) => a - b)).toEqual([...Array(12).keys()]);
    expect([most, pool.working, pool.queued]).toEqual([2, 0, 0]);
  });

  test("refuses an item when its queue is full", async () => {
    const pool = new WorkerPool((_: number, signal: AbortSignal) => never(signal), {
      workers: 1,
      queueSize: 1,
    });
    const controller = new AbortController();
    const { signal } = controller;
    const accepted = [pool.submit(1, { signal }), pool.submit(2, { signal })];
    const error = await pool.submit(3).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "concurrency.full", errorClass: ErrorClass.RateLimited });
    controller.abort();
    await Promise.allSettled(accepted);
    expect([pool.working, pool.queued]).toEqual([0, 0]);
    await expect(pool.submit(4, { signal })).rejects.toBe(signal.reason);
    expect(() => new WorkerPool(() => 1, { workers: 0 })).toThrow("workers is 0");
    expect(() => new WorkerPool(() => 1, { workers: 1, queueSize: 0 })).toThrow("queueSize is 0");
  });

  test("ends what is in progress when the reader leaves, or the source or an item fails", async () => {
    let active = 0;
    const pool = new WorkerPool(async (item: number, signal: AbortSignal) => {
      active++;
      try {
        if (item === 0) return item;
        if (item === 9) throw new Error("nine");
        return await never(signal);
      } finally {
        await settle();
        active--;
      }
    }, { workers: 3 });
    let closed = false;
    function* source() {
      try {
        for (let item = 0;; item++) yield item;
      } finally {
        closed = true;
      }
    }
    for await (const result of pool.process(source())) {
      expect(result).toBe(0);
      break;
    }
    expect([active, closed]).toEqual([0, true]);
    await expect(pool.process([1, 9, 2]).next()).rejects.toThrow("nine");
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error("source");
    }
    await expect(pool.process(broken()).next()).rejects.toThrow("source");
    expect(active).toBe(0);
  });
});
