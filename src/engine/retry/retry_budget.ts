/**
 * Keeps retries a small part of the load, so that they do not bury an API in trouble: over the last ten seconds, a share
 * of the calls plus a few per second, after Finagle's RetryBudget. One per tenant and host.
 */
import { SlidingSum } from "../state/sliding_sum.ts";

export interface RetryBudgetOptions {
  /** Retries per call, 0 to 1. */
  readonly share: number;
  /** Retries per second that are always free, for hosts with few calls. */
  readonly perSecond: number;
}

export const USUAL_BUDGET: RetryBudgetOptions = { share: 0.2, perSecond: 3 };

const SECONDS = 10;
/** What a retry costs; whole numbers keep the sum exact. */
const COST = 1_000;

export class RetryBudget {
  readonly #balance = new SlidingSum(SECONDS, 1_000);
  readonly #income: number;
  readonly #reserve: number;

  constructor({ share, perSecond }: RetryBudgetOptions = USUAL_BUDGET) {
    this.#income = Math.round(share * COST);
    this.#reserve = Math.round(perSecond * SECONDS * COST);
  }

  /** A call begins. */
  deposit(now: number): void {
    this.#balance.add(now, this.#income);
  }

  /** Takes a retry; false if none is left. */
  withdraw(now: number): boolean {
    if (this.#reserve + this.#balance.sum(now) < COST) return false;
    this.#balance.add(now, -COST);
    return true;
  }

  /** Retries left. */
  left(now: number): number {
    return Math.max(0, Math.floor((this.#reserve + this.#balance.sum(now)) / COST));
  }
}
