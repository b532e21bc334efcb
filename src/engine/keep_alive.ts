/** A clock's timers let the process end, so that idle engines do not hold it up; a waiting call must keep it alive. */
import { LONGEST_MS } from "../core/clock.ts";

/** Keeps the process alive until `wait` has settled. One timer per call, since on workerd timers belong to their request. */
export async function keepingAlive<T>(wait: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, LONGEST_MS);
  try {
    return await wait;
  } finally {
    clearInterval(timer);
  }
}
