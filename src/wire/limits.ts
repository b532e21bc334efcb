/** How many entries the vectors of a message may have. Both sides check this before they read or write one. */
import { wireError } from "./error.ts";

/** Headers, trailers and names of secret headers, each. */
export const MAX_HEADERS = 4096;
export const MAX_RETRY_CONDITIONS = 64;
export const MAX_RETRY_WAITS = 16;
export const MAX_WAIT_FORMATS = 16;
/** Of the text of `retry.rules`. */
export const MAX_RULES_CHARACTERS = 16_384;

/** @throws `frame.oversize`. */
export function checkCount(count: number, most: number): void {
  if (count <= most) return;
  throw wireError("frame.oversize", `a list of ${count} entries: the peer takes at most ${most}`);
}
