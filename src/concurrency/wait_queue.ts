/** The line in front of whatever has to be waited for. */

export interface WaitOptions {
  /** Ends the waiting; the promise rejects with the signal's reason. What has been granted by then stays granted. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** First come, first served. A waiter leaves as granted, as aborted or as refused, and only once. */
export class WaitQueue<T> {
  /** A set keeps the order and lets anybody leave from the middle at no cost. */
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

  /** Lets the first one go on; false when nobody waits. */
  next(value: T): boolean {
    for (const waiter of this.#waiters) {
      waiter.resolve(value);
      return true;
    }
    return false;
  }

  /** Lets everybody go who waits now. */
  all(value: T): void {
    for (const waiter of [...this.#waiters]) waiter.resolve(value);
  }

  refuseAll(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }
}
