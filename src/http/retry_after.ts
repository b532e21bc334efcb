/** When an answer says to come back. */
import type { HeaderList } from "../core/call.ts";
import { firstHeader } from "../core/headers.ts";

/** From `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. Malformed and negative ones are ignored. */
export function retryAfterMs(headers: HeaderList, now: number = Date.now()): number | undefined {
  const exact = wholeOrDecimal(firstHeader(headers, "retry-after-ms") ?? "");
  if (exact !== undefined && Number.isFinite(exact)) return exact;
  const text = firstHeader(headers, "retry-after") ?? "";
  const seconds = wholeOrDecimal(text);
  if (seconds !== undefined && Number.isFinite(seconds * 1000)) return seconds * 1000;
  const at = httpDate(text);
  return at === undefined ? undefined : Math.max(0, at - now);
}

export function wholeOrDecimal(text: string): number | undefined {
  return /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

/** The forms of RFC 9110, 5.6.7. */
const HTTP_DATE =
  /^[a-z]{3,9}, ?\d{1,2}[ -][a-z]{3}[ -](?:\d{2}|\d{4}) \d{2}:\d{2}:\d{2} (?:gmt|utc|[+-]\d{4})$/i;
const ASCTIME = /^[a-z]{3} [a-z]{3} [ \d]?\d \d{2}:\d{2}:\d{2} \d{4}$/i;
/** RFC 3339, which some APIs send instead. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** `Date.parse` alone reads "-5" as a year and "later 1" as a date. */
export function httpDate(text: string): number | undefined {
  const trimmed = text.trim();
  const at = HTTP_DATE.test(trimmed) || TIMESTAMP.test(trimmed)
    ? Date.parse(trimmed)
    : ASCTIME.test(trimmed)
    ? Date.parse(`${trimmed} GMT`)
    : NaN;
  return Number.isNaN(at) ? undefined : at;
}
