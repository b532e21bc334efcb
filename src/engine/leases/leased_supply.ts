/**
 * One shared rate as a runtime uses it: units are leased ahead of need, so a call that finds some takes them without waiting for
 * the store. While the store is away it goes on with its part of the rate.
 */
import type { Clock } from "../../core/clock.ts";
import { Gcra, type Rate } from "../../core/rules/gcra.ts";
import type { Supply } from "../limits/supply.ts";
import { aheadMs, type Lease } from "./schedule.ts";
import { Stock } from "./stock.ts";

/** What came of asking the store. */
export interface Answer {
  readonly lease: Lease | undefined;
  /** By which everything taken by all will have been earned, epoch ms. */
  readonly earnedAt: number;
  /** How many runtimes take part. */
  readonly users: number;
  readonly againMs: number;
}

/** The store, as a supply sees it. */
export interface Lender {
  /** Resolves to undefined if the store is away. Never rejects. */
  lease(wanted: number, least: number): Promise<Answer | undefined>;
  /** This runtime's part of the rate while the store is away, 1 / members; 0: away for too long. Undefined: it is there. */
  part(): number | undefined;
  /** Epoch ms, by the store's clock. */
  now(): number;
}

/** Use is measured over slots of this length. */
const SLOT_MS = 100;
/** From so many units in a slot on, units are leased before they are needed; fewer would often lapse. */
const STEADY = 4;

export class LeasedSupply implements Supply {
  onAnswer: (() => void) | undefined;
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #lender: Lender;
  readonly #unitMs: number;
  readonly #burstMs: number;
  readonly #stock: Stock;
  /** Units to lease while calls wait: doubled each time, halved when some lapse. */
  #batch = 1;
  #users = 1;
  #earnedAt = 0;
  #asking = false;
  #againAt = -Infinity;
  /** A timer will ask again. */
  #waking = false;
  /** Units used in this slot and the one before. */
  #slot = 0;
  #used = 0;
  #usedBefore = 0;
  /** In place of the store. */
  #alone: { readonly gcra: Gcra; readonly part: number } | undefined;

  constructor(rate: Rate, clock: Clock, lender: Lender) {
    this.#rate = rate;
    this.#clock = clock;
    this.#lender = lender;
    this.#unitMs = rate.perMs / rate.units;
    this.#burstMs = Math.max(rate.burst, 1) * this.#unitMs;
    this.#stock = new Stock(this.#unitMs, this.#burstMs);
  }

  waitMs(now: number, cost: number, ahead: number = 0): number {
    const alone = this.#away(now);
    if (alone !== undefined) return alone === 0 ? Infinity : alone.waitMs(now, cost, ahead);
    if (this.#stock.expire(now, this.#keepMs)) this.#batch = Math.max(1, this.#batch / 2);
    const wait = this.#stock.waitMs(now, cost, ahead);
    if (wait !== undefined) return wait;
    const need = ahead + Math.min(cost, this.#burstMs / this.#unitMs) - this.#stock.units(now);
    const start = Math.max(now, this.#earnedAt);
    return Math.max(1, this.#againAt - now, start + need * this.#unitMs - this.#burstMs - now);
  }

  take(now: number, cost: number): number {
    this.#count(now, cost);
    const alone = this.#away(now);
    if (alone !== undefined) return alone === 0 ? 0 : alone.take(now, cost);
    this.#stock.take(now, cost);
    const ahead = this.#wanted();
    if (this.#used + this.#usedBefore >= STEADY && this.#stock.units(now) < ahead / 2) {
      this.ask(now, 1, ahead, false);
    }
    return now;
  }

  giveBack(now: number, cost: number, mark: number): void {
    const alone = this.#away(now);
    if (alone === undefined) this.#stock.giveBack(now, cost, this.#keepMs);
    // A mark of the other kind says nothing here; what is not given back only makes the limit stricter for a moment.
    else if (alone !== 0) alone.giveBack(now, cost, mark);
  }

  available(now: number): number {
    const alone = this.#away(now);
    if (alone !== undefined) return alone === 0 ? 0 : alone.available(now);
    return Math.max(0, this.#stock.units(now));
  }

  /** `waiting`: a call stays for it, so that the store is asked again as soon as it may have something. */
  ask(now: number, least: number, wanted: number, waiting: boolean = true): boolean {
    if (this.#asking) return true;
    if (this.#away(now) !== undefined) return false;
    // What is here is enough, if only for later: who asks more often than the others must not get more.
    const part = aheadMs(this.#users, this.#unitMs) / this.#unitMs / this.#users;
    if (this.#stock.units(now) >= Math.max(least, Math.min(this.#wanted(), part) / 2)) return false;
    const inMs = this.#againAt - now;
    if (inMs <= 0) {
      // Calls that wait could be more than have been seen so far.
      if (waiting) this.#batch *= 2;
      void this.#lease(Math.max(this.#wanted(), waiting ? this.#batch : 0, wanted, least), least);
      return true;
    }
    if (waiting && !this.#waking) {
      this.#waking = true;
      this.#clock.setTimeout(() => {
        this.#waking = false;
        this.onAnswer?.();
      }, Math.ceil(inMs));
    }
    return false;
  }

  get #keepMs(): number {
    return Math.max(2 * aheadMs(this.#users, this.#unitMs), Math.min(this.#unitMs, 10_000));
  }

  async #lease(wanted: number, least: number): Promise<void> {
    this.#asking = true;
    const answer = await this.#lender.lease(Math.ceil(wanted), least);
    this.#asking = false;
    if (answer !== undefined) {
      const now = this.#clock.monotonic();
      const offset = this.#lender.now() - now;
      this.#users = answer.users;
      this.#earnedAt = answer.earnedAt - offset;
      if (answer.lease !== undefined) {
        this.#stock.add(now, answer.lease.start - offset, answer.lease.units);
        this.#batch = Math.min(this.#batch, answer.lease.units);
      }
      this.#againAt = answer.lease === undefined ? now + answer.againMs : -Infinity;
    }
    this.onAnswer?.();
  }

  /** What will be used before the next lease comes, if use goes on as it is. */
  #wanted(): number {
    const perMs = Math.max(this.#used, this.#usedBefore) / SLOT_MS;
    return perMs * aheadMs(this.#users, this.#unitMs);
  }

  #count(now: number, cost: number): void {
    const slot = Math.floor(now / SLOT_MS);
    if (slot !== this.#slot) {
      this.#usedBefore = slot === this.#slot + 1 ? this.#used : 0;
      this.#used = 0;
      this.#slot = slot;
    }
    this.#used += cost;
  }

  /** 0: nothing may be taken any more. */
  #away(now: number): Gcra | 0 | undefined {
    const part = this.#lender.part();
    if (part === undefined) {
      this.#alone = undefined;
      return undefined;
    }
    if (part === 0) return 0;
    if (this.#alone?.part !== part) {
      const { units, perMs, burst } = this.#rate;
      this.#alone = {
        gcra: new Gcra({ units: units * part, perMs, burst: Math.max(1, burst * part) }),
        part,
      };
      // Its own part of what was in reach already went to the leases.
      this.#alone.gcra.take(now, Math.max(0, burst * part - this.#stock.units(now)));
      this.#stock.clear();
      this.#againAt = -Infinity;
    }
    return this.#alone.gcra;
  }
}
