/** How long a stored answer may be used, by its own headers (RFC 9111, 4.2). No heuristics: without them it is not fresh. */
import type { HeaderList } from "../../core/call.ts";
import { firstHeader } from "../../core/headers.ts";
import { headerTime } from "../../http/header_time.ts";
import { cacheControl } from "./cache_control.ts";

/** When the request was sent and when the answer's head arrived, on both clocks. */
export interface Exchanged {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** Epoch time of `receivedAt`. */
  readonly date: number;
}

export interface Freshness {
  /** Age on arrival, milliseconds. */
  readonly ageMs: number;
  readonly lifetimeMs: number;
  /** Monotonic. */
  readonly receivedAt: number;
}

export function freshness(headers: HeaderList, at: Exchanged): Freshness {
  const sentDate = dateOf(headers, "date");
  const apparent = sentDate === undefined ? 0 : Math.max(0, at.date - sentDate);
  const age = headerTime(firstHeader(headers, "age") ?? "", ["seconds"], 0) ?? 0;
  return {
    ageMs: Math.max(apparent, age + at.receivedAt - at.sentAt),
    lifetimeMs: lifetime(headers, sentDate ?? at.date),
    receivedAt: at.receivedAt,
  };
}

function lifetime(headers: HeaderList, sentDate: number): number {
  const { noCache, maxAgeMs } = cacheControl(headers);
  if (noCache) return 0;
  if (maxAgeMs !== undefined) return maxAgeMs;
  const expires = dateOf(headers, "expires");
  return expires === undefined ? 0 : Math.max(0, expires - sentDate);
}

export function ageMs(stored: Freshness, now: number): number {
  return stored.ageMs + Math.max(0, now - stored.receivedAt);
}

function dateOf(headers: HeaderList, name: string): number | undefined {
  const text = firstHeader(headers, name);
  return text === undefined ? undefined : headerTime(text, ["http-date"], 0);
}
