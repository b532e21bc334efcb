/** As a user with two machines would have it: `README`'s worker on one, two members on the other. */
import { expect, test } from "bun:test";
import { OWN_RUNTIME } from "../../support/process.ts";
import { titled } from "../../support/runtimes.ts";
import { namespacesMissing, playMachines } from "./machines.ts";

const title =
  "a worker on one machine, two members on another, one killed under load: nothing is done twice, failures are labelled right, and the limit of both holds";

test.skipIf(namespacesMissing !== undefined)(titled(title, namespacesMissing), async () => {
  const verdict = await playMachines(OWN_RUNTIME, 600);
  expect({ twice: verdict.twice, wrong: verdict.wrong }).toEqual({ twice: [], wrong: [] });
  expect(verdict.calls).toBe(600);
  // Only calls that the killed member had were lost; those after it are right.
  expect(verdict.right).toBeGreaterThan(600 - 40);
  expect(verdict.rightAfter).toBeGreaterThan(300);
  // However slow the machine is, no more came than the limit says, by 2 %.
  expect(verdict.ofLimit).toBeLessThan(1.02);
}, 180_000);
