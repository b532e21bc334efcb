/** Stops HTTP servers: waits for open responses, but not forever. */

/**
 * Creates `stop`: `close` ends gracefully, `cut` at once. A second stop may shorten the wait; all callers wait for the end.
 */
export function gracefulStop(
  close: () => Promise<void>,
  cut: () => void | Promise<void>,
): (graceMs?: number) => Promise<void> {
  let done: Promise<void> | undefined;
  return async (graceMs = 5_000) => {
    done ??= close();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), graceMs);
    });
    const first = await Promise.race([done, late]);
    clearTimeout(timer);
    if (first !== "late") return;
    await cut();
    // A cut connection counts as finished, whether or not the runtime ever says so.
    await Promise.race([done, new Promise<void>((resolve) => setTimeout(resolve, 100))]);
  };
}
