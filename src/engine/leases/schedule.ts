/**
 * A rate that several runtimes share, as it is stored: one number, the time by which everything taken will have been earned,
 * as in `Gcra`, but in epoch time. A runtime reserves a stretch of it by moving that number: whoever moves it has the units in
 * between, and nobody else. Clocks that differ move the beginning, not the rate: the furthest one sets the pace for all.
 */
import type { Rate } from "../../core/rules/gcra.ts";

/** As stored. Times are epoch ms. */
export interface Schedule {
  readonly earnedAt: number;
  /** The current period in which runtimes are counted, those that took part in it and in the one before. */
  readonly period: number;
  readonly users: number;
  readonly before: number;
}

export interface Lease {
  /** Its first unit is earned `unitMs` after this, and may be used the burst earlier. Epoch ms. */
  readonly start: number;
  readonly units: number;
}

export const UNUSED: Schedule = { earnedAt: 0, period: 0, users: 0, before: 0 };

/** Runtimes are counted over periods of this length. */
const PERIOD_MS = 2_000;
/** How far ahead is reserved at least: longer leases mean fewer writes, but more that one holds while another waits. */
const AHEAD_MS = 200;
/** With so many runtimes that each had its turn once in this time per runtime, so that the store is not asked more often. */
const TURN_MS = 5;

/** So that each can hold a unit of slow rates, too, unless that would be far ahead. */
const SLOW_MS = 2_000;

/** How far ahead is leased. */
export function aheadMs(users: number, unitMs: number): number {
  return Math.max(AHEAD_MS, users * TURN_MS, Math.min(users * unitMs, SLOW_MS));
}

export function users({ users, before }: Schedule): number {
  return Math.max(1, users, before);
}

export interface Reservation {
  readonly schedule: Schedule;
  /** Absent: nothing is free within reach. */
  readonly lease: Lease | undefined;
  /** When something will be, ms from now. */
  readonly againMs: number;
}

/**
 * Takes up to `wanted` units, no more than a fair part unless `least` needs it, none that could be used only later than
 * {@link aheadMs} from now. `counted`: the period in which this runtime was counted last.
 */
export function reserve(
  from: Schedule,
  rate: Rate,
  now: number,
  { wanted, least, counted }: {
    readonly wanted: number;
    readonly least: number;
    readonly counted: number;
  },
): Reservation {
  const unitMs = rate.perMs / rate.units;
  const burstMs = Math.max(rate.burst, 1) * unitMs;
  const period = Math.floor(now / PERIOD_MS);
  const moved = from.period === period
    ? from
    : { ...from, period, users: 0, before: from.period === period - 1 ? from.users : 0 };
  const seen = counted === period ? moved : { ...moved, users: moved.users + 1 };
  const reach = aheadMs(users(seen), unitMs);
  const part = reach / unitMs / users(seen);
  const start = Math.max(now, from.earnedAt);
  // If each has no more than its part, all parts together reach no further than once; twice is for those that just came.
  const free = (now + 2 * reach + burstMs - start) / unitMs;
  // With the burst unused there is more than the rate gives.
  const saved = Math.max(0, now + burstMs - start) / unitMs;
  const fair = Math.max(part, saved / users(seen) / 2);
  // Not each unit as it becomes free: that would be a write for each.
  const worth = Math.min(wanted, Math.floor(part / 2));
  const needed = Math.max(worth, Math.min(least, Math.max(rate.burst, 1)));
  if (free < needed) {
    return { schedule: from, lease: undefined, againMs: Math.max(1, (needed - free) * unitMs) };
  }
  const taken = Math.max(least, Math.min(wanted, Math.floor(fair), Math.floor(free)));
  return {
    schedule: { ...seen, earnedAt: start + taken * unitMs },
    lease: { start, units: taken },
    againMs: 0,
  };
}

export function periodOf(now: number): number {
  return Math.floor(now / PERIOD_MS);
}

export function readSchedule(text: string | undefined): Schedule {
  if (text === undefined) return UNUSED;
  try {
    const [earnedAt, period, users, before] = JSON.parse(text) as unknown[];
    const all = [earnedAt, period, users, before];
    if (!all.every((one) => typeof one === "number" && Number.isFinite(one))) return UNUSED;
    return { earnedAt, period, users, before } as Schedule;
  } catch {
    return UNUSED;
  }
}

export function writeSchedule({ earnedAt, period, users, before }: Schedule): string {
  return JSON.stringify([earnedAt, period, users, before]);
}
