/** The timers of a clock let the process end, so that idle engines do not hold it up; a call that waits for one must. */
import { LONGEST_MS } from "../core/clock.ts";

/** The process stays alive until `wait` has settled. A timer for each, since on workerd they belong to their request. */
export async function keepingAlive<T>(wait: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, LONGEST_MS);
  try {
    return await wait;
  } finally {
    clearInterval(timer);
  }
}
