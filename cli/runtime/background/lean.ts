/**
 * What lets a daemon do with less memory at the same speed. JavaScript runtimes read it when they start: `vastar runtime start` sets
 * it, and whoever starts a daemon in another way can.
 */

/** What is young may grow to three times 16 MB as it comes, for a fraction of which a daemon has use. */
export const V8_FLAGS = "--max-semi-space-size=4";

/** Bun collects garbage as on a machine of 128 MiB: before the heap has doubled. It may grow beyond that all the same. */
export const BUN_ENV: Readonly<Record<string, string>> = { BUN_JSC_forceRAMSize: "134217728" };
