/**
 * What is known about an API's own limits, so that a call waits instead of being refused. Calls in progress count as spent:
 * the API may or may not have counted them yet.
 */
import type { Sighting } from "./sighting.ts";

/** One limit as the API last stated it. */
interface Window {
  countsCalls: boolean;
  limit: number | undefined;
  remaining: number;
  /** Monotonic time at which it is full again. */
  resetAt: number;
  /** It ends later than that, so that nobody knows whether it will be full. */
  cut: boolean;
  /** Its length, or the longest remaining time ever seen. */
  lengthMs: number;
  /** Number of the call whose answer reported it. */
  toldBy: number;
}

/** APIs round to seconds, so two answers about the same window may differ by this much. */
const SAME_MS = 1_500;
const MOST_WINDOWS = 8;
/** A header that was misread, or a clock that was wrong, must not shut an API off for good: after so long one call asks anew. */
const MOST_MS = 3_600_000;

export class LearnedLimits {
  readonly #windows = new Map<string, Window>();
  #started = 0;
  #calls = 0;
  #units = 0;
  /** Most concurrent calls since there were none: this many answers may have overtaken each other. */
  #peak = 0;
  #blockedUntil = 0;

  /** How long a call should wait; asked again whenever a call ends. `units`: what it may use of limits that do not count calls. */
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

  /** A call starts. Returns its number. */
  start(units: number): number {
    this.#calls++;
    this.#units += units;
    this.#peak = Math.max(this.#peak, this.#calls);
    return ++this.#started;
  }

  /** Its answer is here, with the limits in its headers (if any); called once for each started call, even without an answer. */
  end(call: number, units: number, sightings: readonly Sighting[], now: number): void {
    for (const sighting of sightings) this.#learn(call, sighting, now);
    this.#calls--;
    this.#units -= units;
    if (this.#calls === 0) this.#peak = 0;
  }

  /** The API refused a call and said when to try again. */
  block(now: number, ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, now + Math.min(ms, MOST_MS));
  }

  #learn(call: number, sighting: Sighting, now: number): void {
    const known = this.#windows.get(sighting.name);
    const resetAt = now + Math.min(sighting.resetMs, MOST_MS);
    const cut = sighting.resetMs > MOST_MS;
    if (known === undefined) {
      if (this.#windows.size >= MOST_WINDOWS) return;
      this.#windows.set(sighting.name, {
        countsCalls: sighting.countsCalls,
        limit: sighting.limit,
        remaining: sighting.remaining,
        resetAt,
        cut,
        lengthMs: sighting.windowMs ?? sighting.resetMs,
        toldBy: call,
      });
      return;
    }
    known.limit = sighting.limit ?? known.limit;
    known.lengthMs = sighting.windowMs ?? Math.max(known.lengthMs, sighting.resetMs);
    const same = Math.abs(resetAt - known.resetAt) <= SAME_MS;
    const raise = sighting.remaining - known.remaining;
    // A late answer to an early call is out of date; so may be one that others have overtaken.
    const outdated = call < known.toldBy || (sighting.countsCalls && raise <= this.#peak);
    if (same && raise > 0 && outdated) return;
    if (!same && (call < known.toldBy || resetAt <= now)) return;
    known.remaining = sighting.remaining;
    known.resetAt = resetAt;
    known.cut = cut;
    known.toldBy = Math.max(known.toldBy, call);
  }
}

/** Presumably full again, until the next answer says more. */
function renew(window: Window, now: number): void {
  window.remaining = window.cut ? 1 : window.limit ?? Infinity;
  window.resetAt = now + Math.max(1, Math.min(window.lengthMs, MOST_MS));
  window.cut = false;
}
