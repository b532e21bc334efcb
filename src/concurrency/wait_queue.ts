/** The queue in front of anything that has to be waited for. */

export interface WaitOptions {
  /** Ends the wait; the promise rejects with the signal's reason. What was granted by then stays granted. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** First come, first served. A waiter leaves once: granted, aborted or refused. */
export class WaitQueue<T> {
  /** A set keeps the order and makes leaving from the middle cheap. */
  readonly #waiters = new Set<Waiter<T>>();

  get size(): number {
    return this.#waiters.size;
  }

  wait(signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = () => {
        leave();
        reject(signal?.reason);
      };
      const waiter: Waiter<T> = {
        resolve: (value) => {
          leave();
          resolve(value);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Releases the first waiter; false if there is none. */
  next(value: T): boolean {
    for (const waiter of this.#waiters) {
      waiter.resolve(value);
      return true;
    }
    return false;
  }

  /** Releases all current waiters. */
  all(value: T): void {
    for (const waiter of [...this.#waiters]) waiter.resolve(value);
  }

  refuseAll(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }
}
