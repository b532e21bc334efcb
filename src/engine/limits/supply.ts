import type { Rate } from "../../core/rules/gcra.ts";

/** Where a rate limit takes its units from: a rate of its own, or what it has leased of one that several runtimes share. */
export interface Supply {
  /** How long `cost` would have to wait after `ahead`, ms. Infinity: nobody knows. */
  waitMs(now: number, cost: number, ahead?: number): number;
  /** Takes `cost`, even if it is not available yet: ask `waitMs` first. Returns a mark for `giveBack`. */
  take(now: number, cost: number): number;
  giveBack(now: number, cost: number, mark: number): void;
  /** Units that could be taken at once. */
  available(now: number): number;
  /**
   * Absent: what `waitMs` says is final. Else it says whether an answer is due that may shorten the wait, and asks for one
   * if it is time: for `least`, which the next call needs, and better `wanted`, which all do. `waiting`: a call stays for it.
   */
  ask?(now: number, least: number, wanted: number, waiting: boolean): boolean;
  /** Called when more has come, or none will. */
  onAnswer?: (() => void) | undefined;
}

/** Rates that several runtimes share. */
export interface SharedRates {
  /** `name` is the same in each of them. */
  supply(name: string, rate: Rate): Supply;
  /** Callers with different credentials are told apart by hashes, which are salted with this. */
  readonly salt: string;
}
