/** One rate limit with its queue: a call goes at once, after a wait, or is refused with the time to come back. */
import { Gcra, type Rate } from "./gcra.ts";

export interface RateLimitOptions {
  readonly rate: Rate;
  /** A call that would have to wait longer is refused. Milliseconds; 0: nobody waits. */
  readonly maxWaitMs: number;
  /** Calls that wait at a time; more are refused. */
  readonly maxQueued: number;
  /** Counts what it would refuse and lets it pass. */
  readonly shadow: boolean;
}

/** A call's part of a limit. Whoever has several limits to pass claims one after the other, and cancels those he holds when one refuses. */
export class Claim {
  /** Before the call may go on. */
  readonly waitMs: number;
  readonly #limit: RateLimit;
  readonly #mark: number;
  #cost: number;
  #queued: boolean;

  constructor(limit: RateLimit, cost: number, waitMs: number, mark: number) {
    this.waitMs = waitMs;
    this.#limit = limit;
    this.#mark = mark;
    this.#cost = cost;
    this.#queued = waitMs > 0;
  }

  /** The wait is over. */
  leaveQueue(): void {
    if (!this.#queued) return;
    this.#queued = false;
    this.#limit.queued--;
  }

  /** The call was not made after all. */
  cancel(now: number): void {
    this.leaveQueue();
    this.settle(now, 0);
  }

  /** What it cost, once that is known: tokens of an answer, for example. */
  settle(now: number, cost: number): void {
    const { gcra } = this.#limit;
    if (cost > this.#cost) gcra.take(now, cost - this.#cost);
    else if (cost < this.#cost) gcra.giveBack(now, this.#cost - cost, this.#mark);
    this.#cost = cost;
  }
}

export interface Refusal {
  readonly retryAfterMs: number;
  /** What was in the way: the time to wait, or those who wait already. */
  readonly because: "wait" | "queue";
}

export class RateLimit {
  readonly gcra: Gcra;
  /** Calls that wait now. */
  queued = 0;
  /** Calls refused, or in shadow mode let pass in spite of the limit. */
  refused = 0;
  readonly #options: RateLimitOptions;

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.gcra = new Gcra(options.rate);
  }

  /** `leftMs`: until the call's deadline; there is no point in a wait beyond it. */
  claim(now: number, cost: number, leftMs: number): Claim | Refusal {
    const { maxWaitMs, maxQueued, shadow } = this.#options;
    const waitMs = this.gcra.waitMs(now, cost);
    const tooLong = waitMs > maxWaitMs || waitMs >= leftMs;
    if (waitMs > 0 && (tooLong || this.queued >= maxQueued)) {
      this.refused++;
      // Nothing is taken: what a limit would have refused must not use it up for those behind.
      if (shadow) return new Claim(this, 0, 0, 0);
      return { retryAfterMs: waitMs, because: tooLong ? "wait" : "queue" };
    }
    const mark = this.gcra.take(now, cost);
    if (shadow || waitMs === 0) return new Claim(this, cost, 0, mark);
    this.queued++;
    return new Claim(this, cost, waitMs, mark);
  }
}
