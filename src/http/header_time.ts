/** Times in response headers: when to retry, when a limit resets. Unreadable values are ignored. */
import type { WaitFormat } from "../core/policy.ts";
import { httpDate, wholeOrDecimal } from "./retry_after.ts";

/** Milliseconds from `now` (epoch) to the time in a header, by the first format that can read it; never negative. */
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

const READERS: Readonly<Record<WaitFormat, (text: string, now: number) => number | undefined>> = {
  "ms": wholeOrDecimal,
  "seconds": (text) => times(wholeOrDecimal(text), 1_000),
  "http-date": (text, now) => since(now, httpDate(text)),
  "duration": duration,
  "unix": (text, now) => since(now, times(wholeOrDecimal(text), 1_000)),
  "unix-ms": (text, now) => since(now, wholeOrDecimal(text)),
};

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function since(now: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : at - now;
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
