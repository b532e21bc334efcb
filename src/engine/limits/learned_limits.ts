/**
 * What is known of an API's own limits, so that a call waits before the API has to refuse it. Calls under way count as spent:
 * the API may have heard of them or not.
 */
import type { Sighting } from "./sighting.ts";

/** One limit as the API last stated it. */
interface Window {
  countsCalls: boolean;
  limit: number | undefined;
  remaining: number;
  /** Monotonic time at which it is whole again. */
  resetAt: number;
  /** Its length, or the longest that was ever left of it. */
  lengthMs: number;
  /** Number of the call whose answer stated it. */
  toldBy: number;
}

/** Two answers about the same window differ by the seconds that APIs round to. */
const SAME_MS = 1_500;
const MOST_WINDOWS = 8;

export class LearnedLimits {
  readonly #windows = new Map<string, Window>();
  #started = 0;
  #calls = 0;
  #units = 0;
  /** Most calls at a time since none was under way: so many answers may have overtaken each other. */
  #peak = 0;
  #blockedUntil = 0;

  /** How long a call should wait; asked anew whenever another call has ended. `units`: what it may use of limits that count no calls. */
  waitMs(now: number, units: number): number {
    let until = this.#blockedUntil;
    for (const window of this.#windows.values()) {
      if (window.resetAt <= now) renew(window, now);
      const left = window.remaining - (window.countsCalls ? this.#calls : this.#units);
      if (left < (window.countsCalls ? 1 : Math.max(1, units))) {
        until = Math.max(until, window.resetAt);
      }
    }
    return Math.max(0, until - now);
  }

  /** A call sets out. Returns its number. */
  start(units: number): number {
    this.#calls++;
    this.#units += units;
    this.#peak = Math.max(this.#peak, this.#calls);
    return ++this.#started;
  }

  /** Its answer is here, with what the headers say (if anything); once for each call that set out, also without an answer. */
  end(call: number, units: number, sightings: readonly Sighting[], now: number): void {
    for (const sighting of sightings) this.#learn(call, sighting, now);
    this.#calls--;
    this.#units -= units;
    if (this.#calls === 0) this.#peak = 0;
  }

  /** The API refused a call and said when to come back. */
  block(now: number, ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, now + ms);
  }

  #learn(call: number, sighting: Sighting, now: number): void {
    const known = this.#windows.get(sighting.name);
    const resetAt = now + sighting.resetMs;
    if (known === undefined) {
      if (this.#windows.size >= MOST_WINDOWS) return;
      this.#windows.set(sighting.name, {
        countsCalls: sighting.countsCalls,
        limit: sighting.limit,
        remaining: sighting.remaining,
        resetAt,
        lengthMs: sighting.windowMs ?? sighting.resetMs,
        toldBy: call,
      });
      return;
    }
    known.limit = sighting.limit ?? known.limit;
    known.lengthMs = sighting.windowMs ?? Math.max(known.lengthMs, sighting.resetMs);
    const same = Math.abs(resetAt - known.resetAt) <= SAME_MS;
    const raise = sighting.remaining - known.remaining;
    // A late answer to an early call knows less than what is known; so may one that others have overtaken on their way.
    const outdated = call < known.toldBy || (sighting.countsCalls && raise <= this.#peak);
    if (same && raise > 0 && outdated) return;
    if (!same && (call < known.toldBy || resetAt <= now)) return;
    known.remaining = sighting.remaining;
    known.resetAt = resetAt;
    known.toldBy = Math.max(known.toldBy, call);
  }
}

/** Whole again, as far as is known, until the next answer says more. */
function renew(window: Window, now: number): void {
  window.remaining = window.limit ?? Infinity;
  window.resetAt = now + Math.max(1, window.lengthMs);
}
