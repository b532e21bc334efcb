import { follow } from "./follow.ts";
import type { WaitOptions } from "./wait_queue.ts";

export interface UnorderedOptions extends WaitOptions {
  /** Items in progress or waiting to be read. */
  readonly limit: number;
}

/**
 * Results as they arrive. An item is only taken from the source when there is room, so an endless source needs no
 * memory. A failure or leaving the loop aborts what is in progress and waits for it to end.
 */
export async function* unordered<T, R>(
  source: Iterable<T> | AsyncIterable<T>,
  work: (item: T, signal: AbortSignal) => PromiseLike<R>,
  options: UnorderedOptions,
): AsyncGenerator<R, void, undefined> {
  const { limit, signal } = options;
  signal?.throwIfAborted();
  const { controller, leave } = follow(signal);
  const items = iterate(source);
  const active = new Set<Promise<void>>();
  const finished: R[] = [];
  let failure: { readonly error: unknown } | undefined;
  let exhausted = false;
  let pulling = false;
  let wake: () => void = () => {};

  const fail = (error: unknown) => {
    failure ??= { error };
  };
  const start = (item: T) => {
    const running: Promise<void> = Promise.resolve(work(item, controller.signal))
      .then((result) => void finished.push(result), fail)
      .then(() => {
        active.delete(running);
        wake();
      });
    active.add(running);
  };
  const take = (next: IteratorResult<T>) => {
    if (next.done === true) exhausted = true;
    // What a slow source gives when all is over is not worked on.
    else if (!controller.signal.aborted && failure === undefined) start(next.value);
  };
  const onAbort = () => {
    fail(controller.signal.reason);
    wake();
  };
  controller.signal.addEventListener("abort", onAbort);

  const fill = () => {
    while (!exhausted && !pulling && active.size + finished.length < limit) {
      const next = items.next();
      if (!(next instanceof Promise)) {
        take(next);
        continue;
      }
      pulling = true;
      next.then(take).catch(fail).finally(() => {
        pulling = false;
        wake();
      });
    }
  };

  try {
    for (;;) {
      if (failure !== undefined) throw failure.error;
      fill();
      if (finished.length > 0) {
        yield finished.shift() as R;
        continue;
      }
      if (exhausted && active.size === 0) return;
      await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    controller.signal.removeEventListener("abort", onAbort);
    leave();
    controller.abort();
    if (!exhausted) await items.close();
    await Promise.all(active);
  }
}

interface Items<T> {
  next(): IteratorResult<T> | Promise<IteratorResult<T>>;
  close(): Promise<void>;
}

function iterate<T>(source: Iterable<T> | AsyncIterable<T>): Items<T> {
  if (Symbol.asyncIterator in source) {
    const items = source[Symbol.asyncIterator]();
    return {
      next: async () => await items.next(),
      // Not waited for: a generator that is in the middle of a wait closes only after that.
      close: async () => void items.return?.()?.then(undefined, () => {}),
    };
  }
  const items = source[Symbol.iterator]();
  return { next: () => items.next(), close: async () => void items.return?.() };
}
