/**
 * A rate with a burst (the generic cell rate algorithm): one number, the time at which everything that was taken will have
 * been earned. What is taken in any stretch of time is at most the burst plus the rate times that stretch.
 */

export interface Rate {
  /** Units (calls, tokens) for each `perMs`. */
  readonly units: number;
  readonly perMs: number;
  /** Units that may be taken at once. */
  readonly burst: number;
}

export class Gcra {
  readonly #unitMs: number;
  readonly #burstMs: number;
  /** Monotonic time by which everything taken is earned. */
  #earnedAt = 0;
  /** All that was ever given back, in milliseconds: a mark from before stays comparable. */
  #returnedMs = 0;

  constructor({ units, perMs, burst }: Rate) {
    this.#unitMs = perMs / units;
    this.#burstMs = Math.max(burst, 1) * this.#unitMs;
  }

  /**
   * How long `cost` would have to wait after `ahead` of it. What costs more than a burst waits until the whole burst is there and
   * is then paid off by those who come later.
   */
  waitMs(now: number, cost: number, ahead: number = 0): number {
    const start = Math.max(now, this.#earnedAt) + ahead * this.#unitMs;
    const end = start + Math.min(cost * this.#unitMs, this.#burstMs);
    return Math.max(0, end - this.#burstMs - now);
  }

  /** Takes `cost`, also what is not there yet: {@link waitMs}, asked before, said for when. Returns a mark for {@link giveBack}. */
  take(now: number, cost: number): number {
    this.#earnedAt = Math.max(now, this.#earnedAt) + cost * this.#unitMs;
    return this.#earnedAt + this.#returnedMs;
  }

  /**
   * Returns a part of what was taken, or all of it. Units that would have come back by now anyway are not returned: the burst
   * might have been full meanwhile, and they would be spent twice.
   */
  giveBack(now: number, cost: number, mark: number): void {
    const unearned = mark - this.#returnedMs - now;
    const ms = Math.max(0, Math.min(cost * this.#unitMs, unearned));
    this.#earnedAt -= ms;
    this.#returnedMs += ms;
  }

  /** Units that could be taken at once. */
  available(now: number): number {
    const spentMs = Math.max(0, this.#earnedAt - now);
    return Math.max(0, (this.#burstMs - spentMs) / this.#unitMs);
  }
}
