/**
 * Items that arrive in batches, as the chunks of a body do. Everything in a batch is handed out without another read,
 * so a stream of small events costs one read a chunk and not one an event.
 */
export interface Batches<T> {
  /** The next batch, which may be empty; undefined at the end. */
  read(): Promise<readonly T[] | undefined>;
  /** Ends the source behind it. Idempotent. */
  cancel(reason?: unknown): Promise<void>;
}

/** Items one by one; single use. Leaving a `for await` early cancels the source. */
export function iterate<T>(batches: Batches<T>): AsyncIterableIterator<T, undefined> {
  return new BatchIterator(batches);
}

// Written by hand: an async generator costs two more promises for each item.
class BatchIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #batches: Batches<T>;
  #batch: readonly T[] = [];
  #at = 0;
  #done = false;
  #reading: Promise<unknown> | undefined;

  constructor(batches: Batches<T>) {
    this.#batches = batches;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#at < this.#batch.length && this.#reading === undefined) {
      return Promise.resolve({ done: false, value: this.#batch[this.#at++] as T });
    }
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    // Callers that do not wait for one item before asking for the next are answered in their order.
    const turn = this.#reading === undefined
      ? this.#read()
      : this.#reading.then(() => this.#read(), () => this.#read());
    this.#reading = turn;
    const settled = (): void => {
      if (this.#reading === turn) this.#reading = undefined;
    };
    turn.then(settled, settled);
    return turn;
  }

  async #read(): Promise<IteratorResult<T, undefined>> {
    while (!this.#done) {
      if (this.#at < this.#batch.length) {
        return { done: false, value: this.#batch[this.#at++] as T };
      }
      try {
        const batch = await this.#batches.read();
        this.#at = 0;
        this.#batch = batch ?? [];
        if (batch === undefined) this.#done = true;
      } catch (error) {
        this.#stop();
        throw error;
      }
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    if (!this.#done) {
      this.#stop();
      await this.#batches.cancel();
    }
    return { done: true, value: undefined };
  }

  #stop(): void {
    this.#done = true;
    this.#batch = [];
    this.#at = 0;
  }
}
