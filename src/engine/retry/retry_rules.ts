/** Which failed attempts may be repeated. */
import type { CallRequest } from "../../core/call.ts";
import { type ConnectorError, ErrorClass, type Sent } from "../../core/errors.ts";
import type { RetryCondition, RetryPolicy, RetryRule } from "../../core/policy.ts";
import { statusClass } from "../../http/status.ts";

/** An operator's setting is both default and limit; absent: the default below, and whatever the policy says. */
export interface RetryLimits {
  /** All attempts, the first included. */
  readonly attempts?: number;
  readonly unsafe?: NonNullable<RetryPolicy["unsafe"]>;
}

const USUAL_ATTEMPTS = 3;
/** The most that a spec may ask for. */
const MOST_ATTEMPTS = 20;

/** How an attempt ended: with a status (the response head is here, nothing was passed on) or without a response. */
export type Attempt =
  | {
    readonly status: number;
    readonly error?: undefined;
    /** What the connector's rules say about the answer. */
    readonly said?: RetryRule["retry"] | undefined;
  }
  | { readonly status?: undefined; readonly error: ConnectorError };

const REPEATABLE: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
  "QUERY",
  "TRACE",
]);
/** From cautious to bold. */
const UNSAFE = ["never", "keyed", "always"] as const;
/** A second try shows whether it was a momentary problem; a third would show the same. */
const ONCE_STATUS: readonly number[] = [421, 425];
const ONCE_CODE = "dns.not_found";

/** Most attempts of a call. */
export function mostAttempts(policy: RetryPolicy | undefined, limits: RetryLimits): number {
  const asked = policy?.attempts ?? limits.attempts ?? USUAL_ATTEMPTS;
  return Math.max(1, Math.min(asked, limits.attempts ?? MOST_ATTEMPTS));
}

/**
 * Whether repeating the request is harmless even if the first one was acted on. A policy that calls its method idempotent
 * asks for as much as one that says `always`, so the operator's limit applies to both.
 */
export function isRepeatable(request: CallRequest, limits: RetryLimits): boolean {
  if (REPEATABLE.has(request.method.toUpperCase())) return true;
  const { idempotent, retry } = request.policy ?? {};
  const asked = idempotent ? UNSAFE.length - 1 : UNSAFE.indexOf(retry?.unsafe ?? "keyed");
  const unsafe = Math.min(asked, UNSAFE.indexOf(limits.unsafe ?? "always"));
  return UNSAFE[unsafe] === "always" || (UNSAFE[unsafe] === "keyed" && isKeyed(request));
}

/** A key that the API does not see is useless: it must travel in a header. */
function isKeyed({ idempotencyKey, headers }: CallRequest): boolean {
  if (idempotencyKey === undefined) return false;
  return headers.some(([, value]) => value === idempotencyKey);
}

/**
 * Whether the attempt may be repeated, apart from budget and time. `repeatable` is what {@link isRepeatable} says, `again`
 * whether the body can be sent once more.
 */
export function mayRetry(
  attempt: Attempt,
  attempts: number,
  request: CallRequest,
  repeatable: boolean,
  again: boolean,
  limits: RetryLimits,
): boolean {
  const policy = request.policy?.retry;
  if (attempts >= mostAttempts(policy, limits)) return false;
  const sent: Sent = attempt.error === undefined ? "committed" : attempt.error.sent;
  if (attempt.error !== undefined) {
    // Our own refusals are for the caller to retry; once a byte was passed on, the call cannot start over.
    if (attempt.error.origin !== "upstream" || sent === "committed") return false;
  }
  const said = attempt.error === undefined ? attempt.said ?? "default" : "default";
  if (said === "never") return false;
  // An API that says so has not acted on the call; the operator's limit holds all the same.
  const harmless = repeatable || (said === "always" && (limits.unsafe ?? "always") === "always");
  if (sent !== "no" && !harmless) return false;
  if (!again) return false;
  if (said !== "default") return true;
  if (attempts > 1 && isOnce(attempt)) return false;
  // By its status a success, and by its body nothing that is repeated.
  if (attempt.error === undefined && statusClass(attempt.status) === ErrorClass.Success) {
    return false;
  }
  return policy?.on === undefined ? isPassing(attempt) : policy.on.some((on) => meets(attempt, on));
}

function isOnce({ status, error }: Attempt): boolean {
  return error === undefined ? ONCE_STATUS.includes(status) : error.code === ONCE_CODE;
}

/** Worth another attempt if the policy does not say. */
function isPassing({ status, error }: Attempt): boolean {
  const errorClass = error === undefined ? statusClass(status) : error.errorClass;
  return errorClass === ErrorClass.Transient || errorClass === ErrorClass.Timeout ||
    errorClass === ErrorClass.RateLimited;
}

function meets({ status, error }: Attempt, on: RetryCondition): boolean {
  if (on.kind === "status") return status !== undefined && status >= on.from && status <= on.to;
  // A permanent failure (a bad certificate) recurs, whatever the policy says.
  if (error === undefined || !isPassing({ error })) return false;
  return on.kind === kindOf(error);
}

function kindOf(error: ConnectorError): "connect" | "timeout" | "reset" {
  if (error.sent === "no") return "connect";
  return error.errorClass === ErrorClass.Timeout ? "timeout" : "reset";
}
