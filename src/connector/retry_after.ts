import type { HeaderList } from "../core/call.ts";
import { headerValue } from "./headers.ts";

/** From `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. Malformed and negative ones are ignored. */
export function retryAfterMs(headers: HeaderList, now: number = Date.now()): number | undefined {
  const ms = number(headerValue(headers, "retry-after-ms"));
  if (ms !== undefined) return ms;
  const text = headerValue(headers, "retry-after");
  const seconds = number(text);
  if (seconds !== undefined) return seconds * 1000;
  // Date.parse takes "-5" for a year.
  const date = text === undefined || !/[a-z]/i.test(text) ? NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
