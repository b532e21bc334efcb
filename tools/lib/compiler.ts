/** The compiler of TypeScript, as checks, builds and tests start it. */
import { join } from "node:path";

/**
 * The file to run, with what makes it take least of the processor: several checkers each look at the types that they share.
 * Others have the cores meanwhile.
 */
export const COMPILER: readonly [file: string, ...flags: string[]] = [
  join(import.meta.dirname, "../../node_modules/typescript/bin/tsc"),
  "--checkers",
  "1",
];
