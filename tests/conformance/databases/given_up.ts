/** What is given up ends on the server, too: by its caller, or by its deadline. */
import { expect } from "bun:test";
import type { RuntimeClient } from "../../../mod.ts";
import { ownName } from "../../support/databases.ts";
import { ask, type Asked, failure } from "./ask.ts";

const ENDS: readonly (() => Asked & { stop?: () => void })[] = [
  () => {
    const abort = new AbortController();
    return { signal: abort.signal, stop: () => abort.abort() };
  },
  () => ({ timeoutMs: 400 }),
];

/** `asleep`: a statement that sleeps for a minute, with the mark in it. `running`: waits until so many with the mark run. */
export async function tryGivingUp(
  one: RuntimeClient,
  url: string,
  asleep: (mark: string) => object,
  running: (mark: string, count: number) => Promise<void>,
): Promise<void> {
  for (const stream of [false, true]) {
    for (const end of ENDS) {
      const mark = ownName("stop");
      const { stop, ...asked } = end();
      const work = failure(ask(one, url, { ...asleep(mark), result: "rows", stream }, asked));
      // A deadline comes whether it runs by then or not.
      if (stop !== undefined) await running(mark, 1);
      stop?.();
      expect(["call.cancelled", "deadline.exceeded"]).toContain((await work).code);
      await running(mark, 0);
      expect(await ask(one, url, { statement: "select 1", result: "value" })).toBe(1);
    }
  }
}
