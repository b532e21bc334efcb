/** A clock's timers let the process end, so that idle engines do not hold it up; a waiting call must keep it alive. */
import { LONGEST_MS } from "../core/clock.ts";

/** One timer for all that wait, since thousands of calls a second may. */
let waiting = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Keeps the process alive until `letEnd` has been called as often. */
export function keepAlive(): void {
  if (waiting++ === 0) timer = setInterval(() => {}, LONGEST_MS);
}

export function letEnd(): void {
  if (--waiting === 0) clearInterval(timer);
}
