/**
 * The default time limit of a test, on Bun and on Deno. It does not measure anything: it only ends tests that hang, and a
 * busy machine still passes.
 */
export const TEST_MS = 60_000;
