/**
 * A rate with a burst (the generic cell rate algorithm): one number, the time at which everything taken will have
 * been earned. In any interval, at most the burst plus the rate times its length is taken.
 */

export interface Rate {
  /** Units (calls, tokens) per `perMs`. */
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
  /** Everything ever given back, in milliseconds, so that older marks stay comparable. */
  #returnedMs = 0;

  constructor({ units, perMs, burst }: Rate) {
    this.#unitMs = perMs / units;
    this.#burstMs = Math.max(burst, 1) * this.#unitMs;
  }

  /**
   * How long `cost` would have to wait after `ahead`. A cost above the burst waits until the whole burst is available and
   * is then paid off by later calls.
   */
  waitMs(now: number, cost: number, ahead: number = 0): number {
    const start = Math.max(now, this.#earnedAt) + ahead * this.#unitMs;
    const end = start + Math.min(cost * this.#unitMs, this.#burstMs);
    return Math.max(0, end - this.#burstMs - now);
  }

  /** Takes `cost`, even if it is not available yet: ask {@link waitMs} first. Returns a mark for {@link giveBack}. */
  take(now: number, cost: number): number {
    this.#earnedAt = Math.max(now, this.#earnedAt) + cost * this.#unitMs;
    return this.#earnedAt + this.#returnedMs;
  }

  /**
   * Gives back some or all of what was taken. Units that would have been earned again by now are not returned: the burst
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
