/**
 * How long a test may take that says nothing else, on Bun and on Deno. Not a measure of anything: it ends what hangs, and a
 * machine that does something else besides gets to its end.
 */
export const TEST_MS = 60_000;
