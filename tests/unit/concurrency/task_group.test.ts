import { describe, expect, test } from "bun:test";
import { gather, parallelRequests, race, TaskGroup } from "../../../src/concurrency/mod.ts";
import { abortAnywhere, never, settle } from "./support.ts";

describe("a task group", () => {
  test("waits for tasks, and for those that they start", async () => {
    const group = new TaskGroup();
    const order: string[] = [];
    const first = group.start(async () => {
      await settle();
      void group.start(async () => {
        await settle();
        order.push("second");
      });
      order.push("first");
      return 1;
    });
    await group.join();
    expect([order, await first, group.running]).toEqual([["first", "second"], 1, 0]);
    await expect(group.start(() => 1)).rejects.toThrow("has been joined");
    await expect(group.startReady(() => {})).rejects.toThrow("has been joined");
  });

  test("cancels the others at the first failure, and throws it when they have ended", async () => {
    const group = new TaskGroup();
    const failure = new Error("first");
    let cleaned = false;
    void group.start(async (signal) => {
      await never(signal).catch(settle);
      cleaned = true;
    });
    void group.start(() => Promise.reject(failure));
    await expect(group.join()).rejects.toBe(failure);
    expect([cleaned, group.signal.reason]).toEqual([true, failure]);
    await expect(group.start(() => 1)).rejects.toThrow();
  });

  test("throws several failures together", async () => {
    const group = new TaskGroup();
    void group.start(() => Promise.reject(new Error("one")));
    void group.start((signal) => never(signal).catch(() => Promise.reject(new Error("two"))));
    // Ends as functions of the platform do, and with an error about the abort: not failures of their own.
    void group.start((signal) => never(signal).catch(() => signal.throwIfAborted()));
    void group.start((signal) =>
      never(signal).catch((cause: unknown) => Promise.reject(new Error("cancelled", { cause })))
    );
    const error = await group.join().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors.map(String)).toEqual(["Error: one", "Error: two"]);
  });

  test("resolves after a cancellation of its own, and rejects after one from outside", async () => {
    const group = new TaskGroup();
    void group.start(never);
    group.cancel();
    await group.join();

    const controller = new AbortController();
    const inner = new TaskGroup({ signal: controller.signal });
    void inner.start(never);
    controller.abort("enough");
    await expect(inner.start(() => 1)).rejects.toBe("enough");
    await expect(inner.join()).rejects.toBe("enough");
  });

  test("ends with the block that holds it", async () => {
    let ended = false;
    const leave = async () => {
      await using group = new TaskGroup();
      void group.start((signal) => never(signal).finally(() => ended = true));
      await settle();
      throw new Error("of the block");
    };
    await expect(leave()).rejects.toThrow("of the block");
    expect(ended).toBe(true);

    const unjoined = async () => {
      await using group = new TaskGroup();
      void group.start(() => Promise.reject(new Error("of a task")));
      await settle();
    };
    await expect(unjoined()).rejects.toThrow("of a task");
    const joined = async () => {
      await using group = new TaskGroup();
      void group.start(() => Promise.reject(new Error("of a task")));
      await group.join();
    };
    const error = await joined().catch((error: unknown) => error);
    expect(error).toMatchObject({ message: "of a task" });
  });

  test("waits until a task is ready", async () => {
    const group = new TaskGroup();
    const port = await group.startReady<number>(async (ready, signal) => {
      await settle();
      ready(4545);
      await never(signal);
    });
    expect([port, group.running]).toEqual([4545, 1]);
    await expect(group.startReady(() => Promise.reject(new Error("in use")))).rejects
      .toThrow("in use");
    await expect(group.startReady(() => {})).rejects.toThrow("without calling `ready`");
    // Neither failure was the group's; one after `ready` is.
    expect(group.signal.aborted).toBe(false);
    await group.startReady<void>(async (ready) => {
      ready();
      throw new Error("later");
    });
    await expect(group.join()).rejects.toThrow("later");
  });

  test("leaves nothing running wherever it is aborted", async () => {
    let running = 0;
    const work = async (signal: AbortSignal) => {
      running++;
      try {
        for (let turn = 0; turn < 3; turn++) {
          await Promise.resolve();
          signal.throwIfAborted();
        }
      } finally {
        await settle();
        running--;
      }
    };
    await abortAnywhere(async (signal) => {
      await using group = new TaskGroup({ signal });
      void group.start(work);
      await group.startReady(async (ready, signal) => {
        ready(1);
        await work(signal);
      });
      await group.join();
    }, () => expect(running).toBe(0));
  });
});

describe("gather", () => {
  test("gives results in order and with their types", async () => {
    const [number, text] = await gather([async () => 1, () => "two"]);
    const sum: number = number + text.length;
    expect(sum).toBe(4);
  });

  test("cancels the others, and passes an abort on", async () => {
    let ended = false;
    const other = (signal: AbortSignal) => never(signal).finally(() => ended = true);
    await expect(gather([other, () => Promise.reject(new Error("one"))])).rejects.toThrow("one");
    expect(ended).toBe(true);
    const controller = new AbortController();
    const waiting = gather([never], { signal: controller.signal });
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    await expect(gather([], { signal: controller.signal })).rejects.toBe("enough");
  });
});

describe("race", () => {
  test("gives the first value or failure, and cancels the others", async () => {
    let loser: AbortSignal | undefined;
    const deaf = (signal: AbortSignal) => {
      loser = signal;
      return new Promise<never>(() => {});
    };
    expect(await race<string>([deaf, async () => "won"])).toBe("won");
    expect(loser?.aborted).toBe(true);
    await expect(race([deaf, () => Promise.reject(new Error("lost"))])).rejects.toThrow("lost");
    const controller = new AbortController();
    const waiting = race([deaf], { signal: controller.signal });
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    await expect(race([])).rejects.toThrow("the number of tasks is 0");
  });
});

describe("parallelRequests", () => {
  test("keeps the order and the limit, and takes items as there is room", async () => {
    let [taken, active, most] = [0, 0, 0];
    function* items() {
      for (; taken < 20; taken++) {
        expect(taken - done).toBeLessThanOrEqual(4);
        yield taken;
      }
    }
    let done = 0;
    const results = await parallelRequests(items(), async (item) => {
      most = Math.max(most, ++active);
      for (let turn = 0; turn < (item * 7) % 5; turn++) await settle();
      active--;
      done++;
      return item * 2;
    }, { maxConcurrency: 3 });
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index * 2));
    expect(most).toBe(3);
    expect(await parallelRequests([], () => 1)).toEqual([]);
  });

  test("stops at the first failure, and never starts the rest", async () => {
    const started: number[] = [];
    const run = parallelRequests([1, 2, 3, 4, 5], async (item, signal) => {
      started.push(item);
      if (item === 2) throw new Error("two");
      await never(signal);
    }, { maxConcurrency: 2 });
    await expect(run).rejects.toThrow("two");
    expect(started).toEqual([1, 2]);
  });

  test("refuses limits that make no sense: zero does not mean none", async () => {
    for (const maxConcurrency of [0, -1, Number.NaN]) {
      await expect(parallelRequests([1], () => 1, { maxConcurrency })).rejects
        .toThrow("give a whole number above 0");
    }
  });

  test("ends wherever it is aborted, with nothing in progress", async () => {
    let active = 0;
    await abortAnywhere((signal) =>
      parallelRequests([1, 2, 3], async (_, signal) => {
        active++;
        try {
          await Promise.resolve();
          signal.throwIfAborted();
        } finally {
          active--;
        }
      }, { maxConcurrency: 2, signal }), () => expect(active).toBe(0));
  });
});
