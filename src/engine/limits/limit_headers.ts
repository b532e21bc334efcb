/** Reads an API's limits from response headers, in their many formats. */
import type { HeaderList } from "../../core/call.ts";
import type { RateLimitPolicy } from "../../core/policy.ts";
import { firstHeader } from "../../core/headers.ts";
import { headerTime } from "../../http/header_time.ts";
import { readRateLimitFields } from "./rate_limit_fields.ts";
import type { Sighting } from "./sighting.ts";

const NONE: readonly Sighting[] = [];
const FAMILY = /rate-?limit/i;
const FIELDS: ReadonlySet<string> = new Set(["limit", "remaining", "reset"]);
/** `minute` and the like: a window of calls. */
const CALLS = /^(?:requests?|calls?|second|minute|hour|day|month|)(?:-|$)/;
/** More pairs than any API uses. */
const MOST = 8;

interface Found {
  limit?: string;
  remaining?: string;
  reset?: string;
}

/** Whether there is anything to read, as far as no policy names headers of its own. Nearly always not. */
export function statesLimits(headers: HeaderList): boolean {
  for (let i = 0; i < headers.length; i++) if (FAMILY.test(headers[i]?.[0] ?? "")) return true;
  return false;
}

/** Only limits that report both what is left and when they reset are usable. `now` is epoch time. */
export function readLimits(
  headers: HeaderList,
  policy: RateLimitPolicy | undefined,
  now: number,
): readonly Sighting[] {
  const declared = policy === undefined ? undefined : readDeclared(headers, policy, now);
  let families: Map<string, Found> | undefined;
  let standard = false;
  for (const [field, value] of headers) {
    if (!FAMILY.test(field)) continue;
    const name = field.toLowerCase();
    if (name === "ratelimit") standard = true;
    else if (declared === undefined || !isDeclared(name, policy)) {
      families = note(families, name, value);
    }
  }
  if (declared === undefined && families === undefined && !standard) return NONE;
  const sightings: Sighting[] = declared === undefined ? [] : [declared];
  if (standard) sightings.push(...readRateLimitFields(headers));
  for (const [name, found] of families ?? []) {
    const sighting = complete(name, found, now);
    if (sighting !== undefined) sightings.push(sighting);
  }
  return sightings.slice(0, MOST);
}

function isDeclared(name: string, policy: RateLimitPolicy | undefined): boolean {
  return name === policy?.limitHeader || name === policy?.remainingHeader ||
    name === policy?.reset?.header;
}

function readDeclared(
  headers: HeaderList,
  { limitHeader, remainingHeader, reset }: RateLimitPolicy,
  now: number,
): Sighting | undefined {
  if (remainingHeader === undefined || reset === undefined) return undefined;
  const remaining = amount(firstHeader(headers, remainingHeader));
  const time = firstHeader(headers, reset.header);
  const resetMs = time === undefined ? undefined : headerTime(time, reset.as, now);
  if (remaining === undefined || resetMs === undefined) return undefined;
  const limit = limitHeader === undefined ? undefined : amount(firstHeader(headers, limitHeader));
  const name = remainingHeader;
  const countsCalls = !name.includes("token");
  return { name, countsCalls, remaining, resetMs, ...(limit !== undefined && { limit }) };
}

/** `x-ratelimit-remaining-tokens` and `anthropic-ratelimit-tokens-remaining`: a family, a unit and a field. */
function note(
  families: Map<string, Found> | undefined,
  name: string,
  value: string,
): Map<string, Found> | undefined {
  const at = name.search(FAMILY);
  const [, ...words] = name.slice(at).replace(/^rate-?limit/, "").split("-");
  const field = words.find((word) => FIELDS.has(word)) as keyof Found | undefined;
  if (field === undefined) return families;
  const unit = words.filter((word) => word !== field && word !== "after").join("-");
  const key = `${name.slice(0, at)}ratelimit ${unit}`;
  const all = families ?? new Map<string, Found>();
  const found = all.get(key) ?? {};
  found[field] ??= value;
  all.set(key, found);
  return all;
}

function complete(name: string, found: Found, now: number): Sighting | undefined {
  const remaining = amount(found.remaining);
  const resetMs = found.reset === undefined ? undefined : resetTime(found.reset, now);
  if (remaining === undefined || resetMs === undefined) return undefined;
  const limit = amount(found.limit);
  const countsCalls = CALLS.test(name.slice(name.indexOf(" ") + 1));
  return { name, countsCalls, remaining, resetMs, ...(limit !== undefined && { limit }) };
}

/** `100, 100;w=60` is 100. */
function amount(text: string | undefined): number | undefined {
  const digits = text === undefined
    ? undefined
    : /^\s*(\d{1,15})(?:\.\d+)?\s*(?:[,;]|$)/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** APIs do not name the unit. Small numbers are seconds from now, large ones seconds since 1970, larger ones milliseconds. */
function resetTime(text: string, now: number): number | undefined {
  const seconds = headerTime(text, ["seconds"], now);
  if (seconds === undefined) return headerTime(text, ["duration", "http-date"], now);
  if (seconds < 1e12) return seconds;
  return headerTime(text, seconds < 1e15 ? ["unix"] : ["unix-ms"], now);
}
