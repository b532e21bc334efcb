import { expect, test } from "bun:test";
import { createSimulator } from "../../../src/simulator/mod.ts";
import { fakeClock } from "../../support/clock.ts";

test("a delay ends when its client leaves", async () => {
  const clock = fakeClock();
  const simulator = createSimulator({ clock });
  const leave = new AbortController();
  const answer = simulator.fetch(
    new Request("http://here/v1/models", {
      headers: { authorization: "Bearer sk-test", "x-simulator-fault": "delay=3600000" },
      signal: leave.signal,
    }),
  );
  leave.abort();
  // With the clock standing still it would never come.
  expect((await answer).status).toBe(200);
});
