import { type WaitOptions, WaitQueue } from "./wait_queue.ts";

/** A flag to wait for: `set` releases all waiters, even if `clear` follows at once. */
export class Event {
  readonly #queue = new WaitQueue<void>();
  #isSet = false;

  get isSet(): boolean {
    return this.#isSet;
  }

  set(): void {
    this.#isSet = true;
    this.#queue.all();
  }

  clear(): void {
    this.#isSet = false;
  }

  wait(options: WaitOptions = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return this.#isSet ? Promise.resolve() : this.#queue.wait(signal);
  }
}
