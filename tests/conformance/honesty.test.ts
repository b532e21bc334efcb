/** Errors say what really happened to a call, whatever dies meanwhile; `bun run bench honesty` tries more. */
import { expect, test } from "bun:test";
import { play, quick } from "./honesty/scene.ts";

test("failed calls say what became of them, and no write is done twice, while client and daemon are killed", async () => {
  const verdict = await play(quick(1));
  const { wrong, doneTwice, repeated, lost, failed, calls, cutShort } = verdict;
  expect({ wrong, doneTwice, repeated, lost }).toEqual({
    wrong: [],
    doneTwice: [],
    repeated: [],
    lost: [],
  });
  // Otherwise it would not prove anything.
  expect(calls).toBeGreaterThan(quick(1).operations);
  expect(Math.min(failed.no, failed.maybe, failed.committed, cutShort)).toBeGreaterThan(0);
});
