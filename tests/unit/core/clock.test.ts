import { expect, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";

test("a time that no timer of the runtime can hold does not fire at once", async () => {
  const fired: string[] = [];
  const long = [2 ** 31, 2 ** 32 - 1, 1e12, Infinity].map((ms) =>
    systemClock.setTimeout(() => void fired.push(String(ms)), ms)
  );
  // Its own timer keeps the process alive, which those of the clock do not.
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const timer of long) systemClock.clearTimeout(timer);
  expect(fired).toEqual([]);
});
