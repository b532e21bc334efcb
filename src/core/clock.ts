/** Time as an argument, so that tests never have to sleep. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes backwards. */
  monotonic(): number;
  /**
   * Calls back after `ms`; returns what `clear` takes. The timer must not keep the process alive. More than 24 days count as
   * 24 days.
   */
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** A runtime's timer takes 31 bits and fires at once if given more. */
export const LONGEST_MS: number = 0x7fff_ffff;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, ms) {
    const timer: unknown = setTimeout(callback, Math.min(ms, LONGEST_MS));
    // Bun, Deno and Node return an object with unref; browsers and workerd a number.
    if (typeof timer === "object" && timer !== null && "unref" in timer) {
      (timer as { unref(): void }).unref();
    }
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};
