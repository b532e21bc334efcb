/** Errors of calls through a pool say what really happened, whatever breaks meanwhile. */
import { expect, test } from "bun:test";
import { natsBinaryMissing } from "../../support/nats.ts";
import { titled } from "../../support/runtimes.ts";
import { play } from "./scene.ts";

const title =
  "calls through a pool say what became of them while members are killed, cut off, stopped and slow, the server restarts and everything comes twice";

test.skipIf(natsBinaryMissing !== undefined)(titled(title, natsBinaryMissing), async () => {
  const operations = 240;
  const verdict = await play({
    operations,
    seed: 3,
    kills: 1,
    cuts: 1,
    serverRestarts: 1,
    drains: 1,
    pauses: 1,
  });
  const { wrong, doneTwice, repeated, lost, failed, calls, exits, copies } = verdict;
  expect({ wrong, doneTwice, repeated, lost }).toEqual({
    wrong: [],
    doneTwice: [],
    repeated: [],
    lost: [],
  });
  expect(exits).toEqual([0]);
  // Otherwise it would not prove anything.
  expect(calls).toBeGreaterThan(operations);
  expect(copies).toBeGreaterThan(operations);
  expect(Math.min(failed.no, failed.maybe, failed.committed)).toBeGreaterThan(0);
}, 120_000);
