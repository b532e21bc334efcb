/** How long to wait before the next attempt, or that it would be pointless. */
import type { HeaderList } from "../../core/call.ts";
import type { RetryPolicy, RetryWait } from "../../core/policy.ts";
import { firstHeader } from "../../core/headers.ts";
import { headerTime } from "../../http/header_time.ts";
import { retryAfterMs } from "../../http/retry_after.ts";

export interface Backoff {
  /** Upper bound of the first wait, in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  /** Largest bound, in milliseconds. */
  readonly maxMs: number;
}

export const USUAL_BACKOFF: Backoff = { baseMs: 100, maxMs: 10_000 };

export interface FailedAttempt {
  /** Attempts made so far, this one included. */
  readonly attempts: number;
  /** Headers of the response, if there was one. */
  readonly headers: HeaderList | undefined;
  /** Until the call's deadline, milliseconds. */
  readonly leftMs: number;
}

export interface DelayLimits {
  /** Used if the policy has no backoff of its own. */
  readonly backoff: Backoff;
  /** A longer wait asked for by the API ends the retries; Infinity: only the deadline does. */
  readonly maxWaitMs: number;
}

/**
 * Milliseconds to wait; undefined if that would exceed the limits or the deadline. The API's wait is a lower
 * bound. The random part (full jitter) is added, so that callers refused together do not retry together. A wait that
 * would reach the deadline is not shortened: its attempt would replace an answer that is here by
 * one that cannot arrive. `now` is epoch time, `random` returns 0 to below 1.
 */
export function retryDelay(
  failed: FailedAttempt,
  policy: RetryPolicy | undefined,
  limits: DelayLimits,
  now: number,
  random: () => number,
): number | undefined {
  const asked = failed.headers === undefined ? 0 : askedWait(failed.headers, policy?.wait, now);
  const most = Math.min(limits.maxWaitMs, policy?.maxWaitMs ?? Infinity);
  if (asked > most) return undefined;
  const { baseMs, maxMs } = declaredBackoff(policy?.wait) ?? limits.backoff;
  const waitMs = asked + random() * Math.min(maxMs, baseMs * 2 ** (failed.attempts - 1));
  return waitMs < failed.leftMs ? waitMs : undefined;
}

/** The first declared header that can be read, but no less than `Retry-After`. */
function askedWait(
  headers: HeaderList,
  waits: readonly RetryWait[] | undefined,
  now: number,
): number {
  const standard = retryAfterMs(headers, now) ?? 0;
  for (const wait of waits ?? []) {
    if (wait.kind !== "header") continue;
    const text = firstHeader(headers, wait.header);
    const declared = text === undefined ? undefined : headerTime(text, wait.as, now);
    if (declared !== undefined) return Math.max(declared, standard);
  }
  return standard;
}

function declaredBackoff(waits: readonly RetryWait[] | undefined): Backoff | undefined {
  return waits?.find((wait) => wait.kind === "backoff");
}
