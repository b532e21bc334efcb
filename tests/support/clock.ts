/** A clock that stands still until a test moves it. Timers due on the way fire in order. */
import type { Clock } from "../../src/core/clock.ts";

export interface FakeClock extends Clock {
  /** Moves on by `ms`, firing what is due. */
  advance(ms: number): void;
  /** Timers set and not yet fired or cleared. */
  readonly pending: number;
}

export function fakeClock(start = 1_700_000_000_000): FakeClock {
  const timers = new Map<number, { at: number; callback: () => void }>();
  let now = 0;
  let ids = 0;
  return {
    now: () => start + now,
    monotonic: () => now,
    setTimeout(callback, ms) {
      timers.set(++ids, { at: now + Math.max(0, ms), callback });
      return ids;
    },
    clearTimeout: (timer) => void timers.delete(timer as number),
    get pending() {
      return timers.size;
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(([, timer]) =>
          timer.at <= end
        ).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
        if (!due) {
          break;
        }
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].callback();
      }
      now = end;
    },
  };
}
