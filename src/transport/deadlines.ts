/** Deadlines of many calls on one timer, armed for the earliest: a call that ends in time costs no timer of its own. */
import type { Clock } from "../core/clock.ts";

export interface Expiring {
  /** `clock.monotonic()` after which the call has taken too long. */
  readonly expiresAt: number;
}

/** Scans are never closer together than this, so that thousands of different deadlines do not fire one by one. */
const STEP_MS = 10;

export class Deadlines<T extends Expiring> {
  readonly #clock: Clock;
  readonly #open: () => Iterable<T>;
  readonly #expire: (item: T) => void;
  #timer: unknown;
  #firesAt = Infinity;

  constructor(clock: Clock, open: () => Iterable<T>, expire: (item: T) => void) {
    this.#clock = clock;
    this.#open = open;
    this.#expire = expire;
  }

  /** An item with this deadline was opened. Most calls are alike, so its deadline is usually later than the timer's. */
  watch(expiresAt: number): void {
    if (expiresAt >= this.#firesAt) return;
    this.#arm(expiresAt);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#firesAt = Infinity;
  }

  #arm(at: number): void {
    this.stop();
    this.#firesAt = at;
    this.#timer = this.#clock.setTimeout(
      () => this.#scan(),
      Math.max(STEP_MS, at - this.#clock.monotonic()),
    );
  }

  #scan(): void {
    this.#timer = undefined;
    this.#firesAt = Infinity;
    const now = this.#clock.monotonic();
    let next = Infinity;
    const late: T[] = [];
    for (const item of this.#open()) {
      if (item.expiresAt <= now) late.push(item);
      else if (item.expiresAt < next) next = item.expiresAt;
    }
    if (next < Infinity) this.#arm(next);
    for (const item of late) this.#expire(item);
  }
}
