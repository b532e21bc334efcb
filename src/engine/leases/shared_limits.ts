/** Rate limits that hold for all runtimes with the same store, by leases of units. */
import type { Clock } from "../../core/clock.ts";
import type { Rate } from "../../core/rules/gcra.ts";
import type { Supply } from "../limits/supply.ts";
import { type Answer, LeasedSupply } from "./leased_supply.ts";
import { periodOf, readSchedule, reserve, users, writeSchedule } from "./schedule.ts";
import type { Reach } from "./reach.ts";
import { keyOf } from "./keys.ts";
import type { SharedEntry } from "./shared_store.ts";

/** Another runtime changed the entry at the same moment: tried again so often, after random times that grow. */
const TRIES = 8;
const TRY_MS = 4;

/** With more runtimes than this, what one remembers of an entry is likely to be old. */
const CROWD = 4;

export interface SharedLimitsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly reach: Reach;
}

export class SharedLimits {
  /** Leases taken, and times at which another runtime was faster. */
  leases = 0;
  conflicts = 0;
  readonly #deps: SharedLimitsDeps;

  constructor(deps: SharedLimitsDeps) {
    this.#deps = deps;
  }

  /** `name` is the same in every runtime that shares the limit. */
  supply(name: string, rate: Rate): Supply {
    const { clock, reach, random } = this.#deps;
    const { units, perMs, burst } = rate;
    // Two versions of a rule with different rates each obey their own.
    const key = keyOf("rate", `${name}\n${units}/${perMs}/${burst}`);
    let known: SharedEntry | undefined;
    let counted = -1;
    const lease = async (wanted: number, least: number): Promise<Answer | undefined> => {
      try {
        const crowded = users(readSchedule(known?.value)) > CROWD;
        for (let tried = 0; tried < TRIES; tried++) {
          if (tried > 0 || crowded) {
            known = await reach.ask((store) => store.get("hour", key));
          }
          const now = reach.now();
          const from = readSchedule(known?.value);
          const { schedule, lease, againMs } = reserve(from, rate, now, { wanted, least, counted });
          if (lease === undefined) {
            // What is remembered may be old: only the store's own word refuses.
            if (tried === 0 && !crowded) continue;
            const spread = againMs * (1 + random() / 2);
            return { lease, earnedAt: from.earnedAt, users: users(from), againMs: spread };
          }
          const value = writeSchedule(schedule);
          const before = known?.revision;
          const revision = await reach.ask((store) => store.put("hour", key, value, before));
          if (revision !== undefined) {
            known = { value, revision, changedAt: now };
            counted = periodOf(now);
            this.leases++;
            return { lease, earnedAt: schedule.earnedAt, users: users(schedule), againMs: 0 };
          }
          this.conflicts++;
          if (tried > 0) await this.#pause(TRY_MS * 2 ** Math.min(tried, 4));
        }
        const { earnedAt } = readSchedule(known?.value);
        return { lease: undefined, earnedAt, users: 1, againMs: TRY_MS * 16 };
      } catch {
        // `reach` knows that the store is away.
        known = undefined;
        return undefined;
      }
    };
    return new LeasedSupply(rate, clock, {
      lease,
      part: () => reach.part(),
      now: () => reach.now(),
    });
  }

  #pause(ms: number): Promise<void> {
    const { clock, random } = this.#deps;
    return new Promise((resolve) => void clock.setTimeout(resolve, ms * (0.5 + random())));
  }
}
