import { type Clock, LONGEST_MS } from "../core/clock.ts";

/** Calls back after `ms`, unless the function that it returns is called before. */
export function startTimer(ms: number, callback: () => void, clock: Clock | undefined): () => void {
  if (clock !== undefined) {
    const timer = clock.setTimeout(callback, ms);
    return () => clock.clearTimeout(timer);
  }
  // Unlike the system clock's, this timer keeps the process alive: someone waits for it.
  const timer = setTimeout(callback, Math.min(ms, LONGEST_MS));
  return () => clearTimeout(timer);
}
