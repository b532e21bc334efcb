/** A controller that aborts with the first of its signals to do so; `leave` lets the signals forget it. */
export interface Follower {
  readonly controller: AbortController;
  readonly leave: () => void;
}

/** Unlike `AbortSignal.any`, it leaves nothing behind in a signal that lives as long as the program. */
export function follow(...signals: readonly (AbortSignal | undefined)[]): Follower {
  const controller = new AbortController();
  const leaves = signals.map((signal) => {
    const onAbort = () => controller.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    return () => signal?.removeEventListener("abort", onAbort);
  });
  return { controller, leave: () => leaves.forEach((leave) => leave()) };
}
