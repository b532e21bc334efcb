/** A clock's timers let the process end, so that idle engines do not hold it up; a waiting call must keep it alive. */
import { LONGEST_MS } from "../core/clock.ts";

/** For a wait that may be on workerd, where a timer belongs to its request, and another may not end it. */
export async function keepingAlive<T>(wait: Promise<T>): Promise<T> {
  const own = setInterval(() => {}, LONGEST_MS);
  try {
    return await wait;
  } finally {
    clearInterval(own);
  }
}

/** One timer for all that wait in queues, since thousands of calls a second may. */
let waiting = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Keeps the process alive until `letEnd` has been called as often. */
export function keepAlive(): void {
  if (waiting++ === 0) timer = setInterval(() => {}, LONGEST_MS);
}

export function letEnd(): void {
  if (--waiting === 0) clearInterval(timer);
}
