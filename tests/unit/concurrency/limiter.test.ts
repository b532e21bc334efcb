import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  CapacityLimiter,
  Condition,
  type ConditionHold,
  Event,
  Lock,
  type Place,
  Semaphore,
} from "../../../src/concurrency/mod.ts";
import { halfOf } from "../../support/share.ts";
import { abortAnywhere, settle } from "./support.ts";

type Step =
  | { readonly do: "acquire" }
  | { readonly do: "release" | "abort"; readonly at: number }
  | { readonly do: "limit"; readonly to: number };

const at = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: "acquire" }) },
  { weight: 3, arbitrary: at.map((at): Step => ({ do: "release", at })) },
  { weight: 2, arbitrary: at.map((at): Step => ({ do: "abort", at })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }).map((to): Step => ({ do: "limit", to })) },
);

/** Who holds and who waits, kept as simply as can be. */
class Model {
  readonly held = new Set<number>();
  readonly waiting: number[] = [];
  limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  grant(): void {
    while (this.held.size < this.limit && this.waiting.length > 0) {
      this.held.add(this.waiting.shift()!);
    }
  }
}

describe("a limiter", () => {
  test("grants to the same callers, in the same order, as its model", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const limiter = new CapacityLimiter(2);
        const model = new Model(2);
        const places = new Map<number, Place>();
        const refused = new Set<number>();
        const controllers: AbortController[] = [];
        for (const one of steps) {
          if (one.do === "acquire") {
            const id = controllers.push(new AbortController()) - 1;
            limiter.acquire({ signal: controllers[id]!.signal })
              .then((place) => places.set(id, place), () => refused.add(id));
            model.waiting.push(id);
          } else if (one.do === "limit") {
            limiter.limit = model.limit = one.to;
          } else if (one.do === "release") {
            const id = [...model.held][one.at];
            if (id !== undefined) {
              model.held.delete(id);
              places.get(id)!.release();
              places.get(id)!.release(); // Idempotent: it must not free a second place.
              places.delete(id);
            }
          } else {
            controllers[one.at]?.abort();
            const index = model.waiting.indexOf(one.at);
            if (index >= 0) model.waiting.splice(index, 1);
          }
          model.grant();
          await settle();
          expect([...places.keys()].sort()).toEqual([...model.held].sort());
          expect([limiter.held, limiter.waiting]).toEqual([model.held.size, model.waiting.length]);
        }
        expect(controllers.length).toBeGreaterThanOrEqual(refused.size);
      }),
      halfOf(200),
    );
  });

  test("loses no place wherever a holder or waiter is aborted", async () => {
    const limiter = new CapacityLimiter(1);
    const use = async (signal?: AbortSignal) => {
      const place = await limiter.acquire({ signal });
      try {
        await settle();
        signal?.throwIfAborted();
      } finally {
        place.release();
      }
    };
    await abortAnywhere(async (signal) => {
      const other = use();
      await Promise.allSettled([use(signal), use(signal)]);
      await other;
    }, async () => {
      expect([limiter.held, limiter.waiting]).toEqual([0, 0]);
      await use();
    });
  });

  test("refuses limits that make no sense, and one that has aborted", async () => {
    for (const limit of [0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      expect(() => new CapacityLimiter(limit)).toThrow("give a whole number above 0");
      expect(() => new Semaphore(limit)).toThrow("permits");
      expect(() => new CapacityLimiter(1).limit = limit).toThrow("limit");
    }
    const reason = new Error("not wanted");
    await expect(new Lock().acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("is a lock when its limit is one, and gives places up at the end of a block", async () => {
    const lock = new Lock();
    const semaphore = new Semaphore(2);
    {
      using _place = await lock.acquire();
      using _permit = await semaphore.acquire();
      expect([lock.locked, lock.tryAcquire(), semaphore.available]).toEqual([true, undefined, 1]);
    }
    expect([lock.locked, semaphore.available, semaphore.waiting, lock.waiting])
      .toEqual([false, 2, 0, 0]);
    expect(semaphore.tryAcquire()).toBeDefined();
  });
});

describe("an event", () => {
  test("wakes all who wait, also when it is cleared at once", async () => {
    const event = new Event();
    const woken: number[] = [];
    for (const id of [1, 2, 3]) event.wait().then(() => woken.push(id), () => {});
    event.set();
    event.clear();
    await settle();
    expect(woken).toEqual([1, 2, 3]);
    expect(event.isSet).toBe(false);
    const waiting = event.wait();
    event.set();
    await waiting;
    await event.wait();
  });

  test("can be waited for with an end", async () => {
    const event = new Event();
    const controller = new AbortController();
    const waiting = event.wait({ signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toBe(controller.signal.reason);
    await expect(event.wait({ signal: controller.signal })).rejects.toBe(controller.signal.reason);
  });
});

describe("a condition", () => {
  test("passes every item from producers to consumers, with consumers aborted at random", async () => {
    const plan = fc.array(
      fc.record({ put: fc.integer({ min: 0, max: 3 }), consumer: fc.boolean(), abort: fc.nat(12) }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const condition = new Condition();
        const items: number[] = [];
        const taken: number[] = [];
        const controllers: AbortController[] = [];
        const consumers: Promise<void>[] = [];
        let made = 0;
        const consume = async (signal?: AbortSignal) => {
          using hold = await condition.acquire({ signal });
          await hold.waitFor(() => items.length > 0, { signal });
          taken.push(items.shift()!);
        };
        const produce = async (count: number) => {
          using hold = await condition.acquire();
          for (let n = 0; n < count; n++) items.push(made++);
          if (count > 0) hold.notify(count);
        };
        for (const { put, consumer, abort } of steps) {
          if (consumer) {
            const controller = new AbortController();
            controllers.push(controller);
            consumers.push(consume(controller.signal).catch(() => {}));
          }
          const producing = produce(put);
          // In the middle of the production: some consumers are notified, but have not got the lock yet.
          controllers[abort]?.abort();
          await producing;
        }
        await settle();
        // Whoever still waits found nothing left: no notification was lost.
        if (condition.waiting > 0) expect(items).toEqual([]);
        await produce(condition.waiting);
        await settle();
        while (items.length > 0) await consume();
        await Promise.all(consumers);
        expect(taken).toEqual(Array.from({ length: made }, (_, index) => index));
      }),
      halfOf(200),
    );
  });

  test("holds its lock after a wait that was aborted anywhere, and frees it", async () => {
    const condition = new Condition();
    const ready = { value: false };
    await abortAnywhere(async (signal) => {
      ready.value = false;
      const other = (async () => {
        await settle();
        using hold = await condition.acquire();
        ready.value = true;
        hold.notifyAll();
      })();
      try {
        using hold = await condition.acquire({ signal });
        await hold.waitFor(() => ready.value, { signal });
      } finally {
        await other;
      }
    }, async () => {
      expect(condition.waiting).toBe(0);
      (await condition.acquire()).release();
    });
  });

  test("is for holders of its lock only", async () => {
    const condition = new Condition();
    const hold: ConditionHold = await condition.acquire();
    const waiting = hold.wait();
    expect(() => hold.notify()).toThrow("The condition's lock is not held");
    // Released while it waits: the lock is not kept afterwards.
    hold.release();
    const other = await condition.acquire();
    expect(() => other.notify(0)).toThrow("count");
    other.notify();
    other.release();
    await waiting;
    expect(() => other.notifyAll()).toThrow("The condition's lock is not held");
    (await condition.acquire()).release();
  });
});
