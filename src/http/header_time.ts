/** Times in response headers: when to come back, when a limit is reset. What cannot be read is ignored. */
import type { HeaderList } from "../core/call.ts";
import type { WaitFormat } from "../core/policy.ts";
import { firstHeader } from "../core/headers.ts";

/** Milliseconds from `now` (epoch) that a header's value stands for, in the first of the formats that reads it; never negative. */
export function headerTime(
  text: string,
  formats: readonly WaitFormat[],
  now: number,
): number | undefined {
  for (const format of formats) {
    const ms = READERS[format](text, now);
    if (ms !== undefined && Number.isFinite(ms)) return Math.max(0, ms);
  }
  return undefined;
}

/** From `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. Malformed and negative ones are ignored. */
export function retryAfterMs(headers: HeaderList, now: number = Date.now()): number | undefined {
  const ms = firstHeader(headers, "retry-after-ms");
  const exact = ms === undefined ? undefined : headerTime(ms, ["ms"], now);
  if (exact !== undefined) return exact;
  const text = firstHeader(headers, "retry-after");
  return text === undefined ? undefined : headerTime(text, ["seconds", "http-date"], now);
}

const READERS: Readonly<Record<WaitFormat, (text: string, now: number) => number | undefined>> = {
  "ms": number,
  "seconds": (text) => times(number(text), 1_000),
  "http-date": (text, now) => since(now, date(text)),
  "duration": duration,
  "unix": (text, now) => since(now, times(number(text), 1_000)),
  "unix-ms": (text, now) => since(now, number(text)),
};

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function since(now: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : at - now;
}

function number(text: string): number | undefined {
  return /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

/** The forms of RFC 9110, 5.6.7. */
const HTTP_DATE =
  /^[a-z]{3,9}, ?\d{1,2}[ -][a-z]{3}[ -](?:\d{2}|\d{4}) \d{2}:\d{2}:\d{2} (?:gmt|utc|[+-]\d{4})$/i;
const ASCTIME = /^[a-z]{3} [a-z]{3} [ \d]?\d \d{2}:\d{2}:\d{2} \d{4}$/i;
/** RFC 3339, which some APIs send instead. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** `Date.parse` alone takes "-5" for a year and "later 1" for a date. */
function date(text: string): number | undefined {
  const trimmed = text.trim();
  const at = HTTP_DATE.test(trimmed) || TIMESTAMP.test(trimmed)
    ? Date.parse(trimmed)
    : ASCTIME.test(trimmed)
    ? Date.parse(`${trimmed} GMT`)
    : NaN;
  return Number.isNaN(at) ? undefined : at;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/;

/** `1m30s`, `6ms`, `1.5h`. */
function duration(text: string): number | undefined {
  const trimmed = text.trim();
  if (!DURATION.test(trimmed)) return undefined;
  let ms = 0;
  for (const [, value, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)([a-zµ]+)/g)) {
    ms += Number(value) * (UNITS[unit ?? ""] ?? NaN);
  }
  return ms;
}
