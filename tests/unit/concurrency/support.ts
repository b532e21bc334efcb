/** Lets everything go on that waits for nothing but other promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/**
 * Aborts `scenario` after every number of turns, from before the first to after the last, and lets `check` look at what is left each
 * time. Fails when the scenario never ends by itself.
 */
export async function abortAnywhere(
  scenario: (signal: AbortSignal) => Promise<unknown>,
  check: (aborted: boolean) => unknown,
): Promise<void> {
  for (let turns = 0; turns < 200; turns++) {
    const controller = new AbortController();
    let ended = false;
    const running = scenario(controller.signal).then(() => {}, () => {}).then(() => ended = true);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    if (ended) return void await check(false);
    controller.abort(new Error("aborted by the test"));
    await running;
    await check(true);
  }
  throw new Error("The scenario does not end without an abort.");
}

export function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
