/**
 * Work that would be the same on Bun and on Deno, divided between the two runs: what one does, the other need not
 * repeat.
 */
import { OWN_RUNTIME } from "./process.ts";
import { runtime, type RuntimeName } from "./runtimes.ts";

/** The runtimes whose programs this run starts: each once in the two runs together. */
export const OWN_SHARE: readonly RuntimeName[] = OWN_RUNTIME === "bun" ? ["bun", "node"] : ["deno"];

/** What needs no particular runtime, as a compiler does not, is for the run on Bun. */
export const OWN_CHORES: boolean = OWN_RUNTIME === "bun";

/** Where there is no other runtime, there is nobody to share with. */
function isAlone(): boolean {
  return runtime(OWN_RUNTIME === "bun" ? "deno" : "bun").missing !== undefined;
}

/** Of cases whose code is the same everywhere, every second one is for the run on Bun, the others for that on Deno. */
export function ownOf<T>(cases: readonly T[]): T[] {
  if (isAlone()) return [...cases];
  return cases.filter((_, index) => (index % 2 === 0) === OWN_CHORES);
}

/** A property of pure code is tried with half of its cases here, and with as many others there. */
export function halfOf(runs: number): { numRuns: number; seed: number } {
  return {
    numRuns: isAlone() ? runs : Math.ceil(runs / 2),
    seed: OWN_RUNTIME === "bun" ? 20240501 : 20240502,
  };
}
