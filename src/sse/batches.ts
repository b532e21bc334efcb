import { END, iteratorOf } from "./iterator.ts";

/**
 * Items that arrive in batches, as the chunks of a body do. Everything in a batch is handed out without another read,
 * so a stream of small events costs one read per chunk, not one per event.
 */
export interface Batches<T> {
  /** The next batch, which may be empty; undefined at the end. */
  read(): Promise<readonly T[] | undefined>;
  /** What the source held, if it held no items but something else; else empty. */
  rest?(): string;
  /** Ends the source behind it. Idempotent. */
  cancel(reason?: unknown): Promise<void>;
}

/** Items one by one; single use. Leaving a `for await` early cancels the source. */
export function iterate<T>(batches: Batches<T>): AsyncIterableIterator<T, undefined> {
  let batch: readonly T[] = [];
  let at = 0;
  let done = false;
  let reading: Promise<unknown> | undefined;

  const stop = (): void => {
    done = true;
    batch = [];
  };

  async function read(): Promise<IteratorResult<T, undefined>> {
    while (at >= batch.length) {
      if (done) return END;
      try {
        const next = await batches.read();
        if (next === undefined) stop();
        else if (!done) batch = next;
        at = 0;
      } catch (error) {
        stop();
        throw error;
      }
    }
    return { done: false, value: batch[at++] as T };
  }

  const next = (): Promise<IteratorResult<T, undefined>> => {
    if (reading === undefined && at < batch.length) {
      return Promise.resolve({ done: false, value: batch[at++] as T });
    }
    // Concurrent reads are answered in order.
    const turn = reading === undefined ? read() : reading.then(read, read);
    reading = turn;
    const settled = (): void => {
      if (reading === turn) reading = undefined;
    };
    turn.then(settled, settled);
    return turn;
  };

  return iteratorOf(next, () => {
    if (done) return undefined;
    stop();
    return batches.cancel();
  });
}
