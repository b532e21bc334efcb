/**
 * Stops calling what does not work: closed, open for a while that doubles, then one call as a probe. One each tenant and origin.
 *
 * Every change of state starts a new generation and each call carries the one that it was admitted in, so a result that comes
 * late cannot close what was opened since. A probe that hangs holds its place until its lease is over, then the next may try.
 */
import { SlidingSum } from "../state/sliding_sum.ts";

export interface BreakerOptions {
  /** Opens after so many failures in a row… */
  readonly consecutiveFailures: number;
  /** …each within this of the one before: what failed hours ago says nothing about now. Milliseconds. */
  readonly streakMs: number;
  /** Or when a smaller share than this succeeded over the last ten seconds… */
  readonly successShare: number;
  /** …of at least so many calls. */
  readonly minCalls: number;
  /** How long it is open at first; doubles with each probe that fails. Milliseconds. */
  readonly openMs: number;
  readonly maxOpenMs: number;
}

export const USUAL_BREAKER: BreakerOptions = {
  consecutiveFailures: 5,
  streakMs: 60_000,
  successShare: 0.8,
  minCalls: 20,
  openMs: 5_000,
  maxOpenMs: 300_000,
};

/** `answered`: the host is there, which says nothing about its health. `none`: the call says nothing about it. */
export type Verdict = "ok" | "failure" | "answered" | "none";

export type BreakerState = "closed" | "open" | "half-open";

/** Instead of a generation: the call must not be made. */
export const REFUSED = -1;

export class Breaker {
  readonly #options: BreakerOptions;
  readonly #calls = new SlidingSum(10, 1_000);
  readonly #failures = new SlidingSum(10, 1_000);
  #generation = 0;
  #open = false;
  #openMs: number;
  /** While open: when a probe may go; while one is under way: when its lease ends. */
  #until = 0;
  #probing = false;
  #streak = 0;
  #lastFailureAt = 0;

  constructor(options: BreakerOptions = USUAL_BREAKER) {
    this.#options = options;
    this.#openMs = options.openMs;
  }

  /** The generation to hand to `report` afterwards, or {@link REFUSED}. `leaseUntil`: when the call is over at the latest. */
  admit(now: number, leaseUntil: number): number {
    if (!this.#open) return this.#generation;
    if (now < this.#until) return REFUSED;
    this.#probing = true;
    this.#until = leaseUntil;
    return ++this.#generation;
  }

  /** Once for each call that was admitted, also for one that was given up. */
  report(generation: number, verdict: Verdict, now: number): void {
    if (generation !== this.#generation) return;
    if (this.#open) this.#judgeProbe(verdict, now);
    else if (verdict === "failure") this.#fail(now);
    else if (verdict === "ok") {
      this.#calls.add(now, 1);
      this.#streak = 0;
    }
  }

  state(now: number): BreakerState {
    if (!this.#open) return "closed";
    return this.#probing || now >= this.#until ? "half-open" : "open";
  }

  /** Until a call has a chance again. A probe under way is mostly over long before its lease. */
  retryAfterMs(now: number): number {
    if (!this.#open) return 0;
    const left = Math.max(0, this.#until - now);
    return this.#probing ? Math.min(left, this.#options.openMs) : left;
  }

  #fail(now: number): void {
    const { consecutiveFailures, streakMs, successShare, minCalls } = this.#options;
    this.#streak = now - this.#lastFailureAt > streakMs ? 1 : this.#streak + 1;
    this.#lastFailureAt = now;
    this.#calls.add(now, 1);
    this.#failures.add(now, 1);
    const calls = this.#calls.sum(now);
    const bad = calls >= minCalls && calls - this.#failures.sum(now) < successShare * calls;
    if (this.#streak >= consecutiveFailures || bad) this.#trip(now);
  }

  #judgeProbe(verdict: Verdict, now: number): void {
    if (verdict === "failure") {
      this.#openMs = Math.min(this.#options.maxOpenMs, this.#openMs * 2);
      this.#trip(now);
    } else if (verdict === "none") {
      // It was given up: the next call is the probe.
      this.#probing = false;
      this.#until = now;
      this.#generation++;
    } else {
      this.#open = false;
      this.#probing = false;
      this.#generation++;
      this.#openMs = this.#options.openMs;
      this.#streak = 0;
      this.#calls.clear();
      this.#failures.clear();
    }
  }

  #trip(now: number): void {
    this.#open = true;
    this.#probing = false;
    this.#generation++;
    this.#until = now + this.#openMs;
  }
}
