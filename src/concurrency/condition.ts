import { wholeAboveZero } from "../core/check_number.ts";
import { invalidRequest } from "../core/errors.ts";
import { Lock, type Place } from "./limiter.ts";
import { type WaitOptions, WaitQueue } from "./wait_queue.ts";

/** A lock whose holder can wait until another holder has changed something. */
export class Condition {
  readonly #lock = new Lock();
  readonly #changes = new WaitQueue<void>();

  /** Number of waiters for a notification. */
  get waiting(): number {
    return this.#changes.size;
  }

  async acquire(options?: WaitOptions): Promise<ConditionHold> {
    return new ConditionHold(this.#lock, this.#changes, await this.#lock.acquire(options));
  }
}

/** What the holder of a condition's lock can do until it is released. */
export class ConditionHold implements Disposable {
  readonly #lock: Lock;
  readonly #changes: WaitQueue<void>;
  #place: Place | undefined;
  #released = false;

  /** Created by {@link Condition.acquire}. */
  constructor(lock: Lock, changes: WaitQueue<void>, place: Place) {
    this.#lock = lock;
    this.#changes = changes;
    this.#place = place;
  }

  /**
   * Releases the lock until another holder notifies. The lock is held again afterwards, even if the signal ended the
   * wait; an abort after the notification has no effect, since the notification would be lost.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    const place = this.#require();
    options.signal?.throwIfAborted();
    // In line before the lock is free: what changes from now on is noticed.
    const change = this.#changes.wait(options.signal);
    this.#place = undefined;
    place.release();
    try {
      await change;
    } finally {
      this.#place = await this.#lock.acquire();
      if (this.#released) this.#place.release();
    }
  }

  /** Waits until `holds` returns true; it is called first and after each notification. */
  async waitFor(holds: () => boolean, options?: WaitOptions): Promise<void> {
    while (!holds()) await this.wait(options);
  }

  /** Wakes those that have waited longest. */
  notify(count = 1): void {
    this.#require();
    wholeAboveZero("concurrency.options", "count", count);
    for (let left = count; left > 0 && this.#changes.next(); left--);
  }

  notifyAll(): void {
    this.#require();
    this.#changes.all();
  }

  /** Idempotent. */
  release(): void {
    this.#released = true;
    this.#place?.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #require(): Place {
    if (this.#place !== undefined && !this.#released) return this.#place;
    throw invalidRequest(
      "concurrency.not_held",
      "The condition's lock is not held: acquire it, and wait for one `wait` before the next call",
    );
  }
}
