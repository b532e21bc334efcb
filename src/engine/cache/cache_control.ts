/** The directives of `Cache-Control` that a private cache obeys (RFC 9111, 5.2). */
import type { HeaderList } from "../../core/call.ts";

export interface CacheControl {
  readonly noStore: boolean;
  readonly noCache: boolean;
  /** Milliseconds. What cannot be read counts as 0: stale. */
  readonly maxAgeMs: number | undefined;
}

const NONE: CacheControl = { noStore: false, noCache: false, maxAgeMs: undefined };
/** Commas separate, except inside quotes: `private="a, b"`. */
const DIRECTIVE = /([^\s=,]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,]*))?/g;

export function cacheControl(headers: HeaderList): CacheControl {
  let found: { noStore: boolean; noCache: boolean; maxAgeMs: number | undefined } | undefined;
  for (const [name, value] of headers) {
    if (name.length !== 13 || name.toLowerCase() !== "cache-control") continue;
    found ??= { ...NONE };
    for (const [, directive = "", argument] of value.matchAll(DIRECTIVE)) {
      const key = directive.toLowerCase();
      if (key === "no-store") found.noStore = true;
      // `no-cache="set-cookie"` names fields; asking again for the whole of it is always right.
      else if (key === "no-cache") found.noCache = true;
      // If two contradict each other, the shorter one is safe.
      else if (key === "max-age") {
        found.maxAgeMs = Math.min(found.maxAgeMs ?? Infinity, milliseconds(argument));
      }
    }
  }
  return found ?? NONE;
}

function milliseconds(argument: string | undefined): number {
  const digits = /^"?(\d+)"?$/.exec(argument ?? "")?.[1];
  // 2^31 seconds are what RFC 9111 calls long enough.
  return digits === undefined ? 0 : Math.min(Number(digits), 2 ** 31) * 1_000;
}
