/** Resolves names with the system's resolver, for Deno and Node. */
import type { PinnedAddress } from "../../core/rules/pinned_address.ts";

/** The system's resolver does not report a TTL; this is shorter than most. */
const KEEP_MS = 5_000;

export async function lookupAll(
  host: string,
): Promise<readonly (PinnedAddress & { readonly ttlMs: number })[]> {
  const dns = await import("node:dns/promises");
  const found = await dns.lookup(host, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
    ttlMs: KEEP_MS,
  }));
}
