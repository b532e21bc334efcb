/** Like `Promise.all` and `Promise.race`, but a failure or a winner cancels the others. */
import { wholeAboveZero } from "../core/check_number.ts";
import { follow } from "./follow.ts";
import type { Task } from "./scopes.ts";
import { TaskGroup } from "./task_group.ts";
import { unordered } from "./unordered.ts";
import type { WaitOptions } from "./wait_queue.ts";

type Results<Tasks extends readonly Task<unknown>[]> = {
  -readonly [Key in keyof Tasks]: Awaited<ReturnType<Tasks[Key]>>;
};

/** All results, in order. The first failure cancels the others, and is thrown when they have ended. */
export async function gather<const Tasks extends readonly Task<unknown>[]>(
  tasks: Tasks,
  options: WaitOptions = {},
): Promise<Results<Tasks>> {
  options.signal?.throwIfAborted();
  const group = new TaskGroup(options);
  const results = tasks.map((task) => group.start(task));
  await group.join();
  return await Promise.all(results) as Results<Tasks>;
}

/** The outcome of the first to end, be it a value or a failure. The others are cancelled but not awaited. */
export async function race<T>(
  tasks: readonly Task<T>[],
  options: WaitOptions = {},
): Promise<Awaited<T>> {
  wholeAboveZero("concurrency.options", "the number of tasks", tasks.length);
  options.signal?.throwIfAborted();
  const { controller, leave } = follow(options.signal);
  const { signal } = controller;
  try {
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return await Promise.race([aborted, ...tasks.map(async (task) => await task(signal))]);
  } finally {
    leave();
    controller.abort();
  }
}

export interface ParallelOptions extends WaitOptions {
  /** Default: 10. */
  readonly maxConcurrency?: number | undefined;
}

/**
 * `request` for every item, at most `maxConcurrency` at once: all results, in the order of the items. The first failure cancels
 * the others, and is thrown when they have ended.
 */
export async function parallelRequests<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  request: (item: T, signal: AbortSignal) => R | PromiseLike<R>,
  options: ParallelOptions = {},
): Promise<Awaited<R>[]> {
  const { maxConcurrency = 10, signal } = options;
  wholeAboveZero("concurrency.options", "maxConcurrency", maxConcurrency);
  const results: Awaited<R>[] = [];
  const work = async ([index, item]: [number, T], signal: AbortSignal) => {
    results[index] = await request(item, signal);
  };
  const all = unordered(numbered(items), work, { limit: maxConcurrency, signal });
  while ((await all.next()).done !== true);
  return results;
}

async function* numbered<T>(
  items: Iterable<T> | AsyncIterable<T>,
): AsyncGenerator<[number, T], void, undefined> {
  let index = 0;
  for await (const item of items) yield [index++, item];
}
