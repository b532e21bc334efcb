/**
 * Stops calling a host that does not work: closed, then open for a time that doubles, then one call as a probe. One per tenant and origin.
 *
 * Every change of state starts a new generation and each call carries the one it was admitted in, so a result that arrives
 * late cannot close a breaker that has opened since. A probe that hangs keeps its place until its lease ends, then the next may try.
 */
import { SlidingSum } from "../state/sliding_sum.ts";

export interface BreakerOptions {
  /** Opens after this many failures in a row… */
  readonly consecutiveFailures: number;
  /** …each within this many milliseconds of the previous one: failures from hours ago say nothing about now. */
  readonly streakMs: number;
  /** Or if a smaller share than this succeeded over the last ten seconds… */
  readonly successShare: number;
  /** …of at least this many calls. */
  readonly minCalls: number;
  /** How long it is open at first, in milliseconds; doubles with each failed probe. */
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

/** `answered`: the host is there, which says nothing about its health. `none`: the call says nothing about the host. */
export type Verdict = "ok" | "failure" | "answered" | "none";

export type BreakerState = "closed" | "open" | "half-open";

/** Returned instead of a generation: the call must not be made. */
export const REFUSED = -1;

export class Breaker {
  readonly #options: BreakerOptions;
  readonly #calls = new SlidingSum(10, 1_000);
  readonly #failures = new SlidingSum(10, 1_000);
  #generation = 0;
  #open = false;
  #openMs: number;
  /** While open: when a probe may go; while one is in progress: when its lease ends. */
  #until = 0;
  #probing = false;
  #held = false;
  #streak = 0;
  #lastFailureAt = 0;

  constructor(options: BreakerOptions = USUAL_BREAKER) {
    this.#options = options;
    this.#openMs = options.openMs;
  }

  /** The generation to pass to `report` afterwards, or {@link REFUSED}. `leaseUntil`: when the call ends at the latest. */
  admit(now: number, leaseUntil: number): number {
    if (!this.#open) return this.#generation;
    if (now < this.#until) return REFUSED;
    this.#probing = true;
    this.#until = leaseUntil;
    return ++this.#generation;
  }

  /** Called once for each admitted call, cancelled ones included. */
  report(generation: number, verdict: Verdict, now: number): void {
    if (generation !== this.#generation) return;
    if (this.#open) this.#judgeProbe(verdict, now);
    else if (verdict === "failure") this.#fail(now);
    else if (verdict === "ok") {
      this.#calls.add(now, 1);
      this.#streak = 0;
    }
  }

  /** Another runtime has found the host not working. */
  hold(until: number): void {
    if (this.#open && (this.#probing || this.#until >= until)) return;
    this.#held = true;
    this.#open = true;
    this.#generation++;
    this.#until = until;
  }

  /** It has found it working again. */
  release(): void {
    if (this.#held && !this.#probing) this.#close();
  }

  /** Another runtime keeps it open. */
  get held(): boolean {
    return this.#held;
  }

  state(now: number): BreakerState {
    if (!this.#open) return "closed";
    return this.#probing || now >= this.#until ? "half-open" : "open";
  }

  /** Time until a call has a chance again. A probe mostly ends long before its lease. */
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
      // It was cancelled: the next call is the probe.
      this.#probing = false;
      this.#until = now;
      this.#generation++;
    } else this.#close();
  }

  #close(): void {
    this.#held = false;
    this.#open = false;
    this.#probing = false;
    this.#generation++;
    this.#openMs = this.#options.openMs;
    this.#streak = 0;
    this.#calls.clear();
    this.#failures.clear();
  }

  #trip(now: number): void {
    this.#held = false;
    this.#open = true;
    this.#probing = false;
    this.#generation++;
    this.#until = now + this.#openMs;
  }
}
