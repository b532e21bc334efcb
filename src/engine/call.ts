/** One call on its way through the engine. */
import type { CallRequest } from "../core/call.ts";
import { ConnectorError, ErrorClass, type Sent } from "../core/errors.ts";
import type { PinnedAddress } from "../core/platform.ts";
import type { TenantPolicy } from "./tenancy/tenant.ts";

/** How a call ended. `error` is absent when there was a whole response, whatever its status. */
export interface Outcome {
  readonly error?: ConnectorError | undefined;
}

/**
 * A call inside the engine: the request, what the engine gave it on arrival, and what stages add on the way in. There is one
 * for each of tens of thousands of calls a second, so the request is referred to, not copied, and fields are declared, not
 * defined: each is written once.
 */
export class ActiveCall {
  /** What is asked for; the cache adds the conditions under which an answer is not needed. */
  declare request: CallRequest;
  /** What its tenant may do. */
  declare readonly tenant: TenantPolicy;
  declare readonly id: string;
  /** `clock.monotonic()` on arrival, ms. */
  declare readonly startedAt: number;
  /** `clock.monotonic()` by which the call must be over, ms. */
  declare readonly deadlineAt: number;
  /** The time that the caller asked for, capped by the operator's limit. */
  declare readonly timeoutMs: number;
  /** Aborted by the caller, by a disconnect or by the deadline; the reason is a ConnectorError. */
  declare readonly signal: AbortSignal;
  /** The URL, parsed: set by `validate`. */
  declare target: URL | undefined;
  /** Where it may connect to: set by `authorize`; undefined where the runtime resolves names by itself. */
  declare addresses: readonly PinnedAddress[] | undefined;
  /** Why there are no addresses: set by `authorize`, the failure of the first attempt. */
  declare unresolved: ConnectorError | undefined;
  /** How far the request got; errors carry it. */
  declare sent: Sent;
  /** How far the attempts before this one got. */
  declare formerlySent: Sent;
  /** Attempts made upstream. */
  declare attempts: number;
  /** Spent between attempts, ms. */
  declare waitedMs: number;
  /** Whether a redirect has led this attempt to another origin. */
  declare elsewhere: boolean;
  /** Status of the response head, 0 before it. */
  declare status: number;
  /** Bytes of the response body handed over. */
  declare bytesIn: number;
  /** Bytes of the request body taken by the upstream. */
  declare bytesOut: number;
  /** The queue that it stands in, as a message names it. */
  declare waitingFor: string | undefined;
  /** Spent in queues so far, ms. */
  declare queuedMs: number;
  /** Neighbours in the list of active calls. */
  declare preceding: ActiveCall | undefined;
  declare following: ActiveCall | undefined;
  declare private readonly controller: AbortController;
  declare private readonly finishers: ((outcome: Outcome) => void)[];
  declare private readonly onEnd: (call: ActiveCall) => void;
  declare private finished: boolean;

  constructor(
    request: CallRequest,
    tenant: TenantPolicy,
    id: string,
    startedAt: number,
    timeoutMs: number,
    onEnd: (call: ActiveCall) => void,
  ) {
    const controller = new AbortController();
    this.request = request;
    this.tenant = tenant;
    this.id = id;
    this.startedAt = startedAt;
    this.deadlineAt = startedAt + timeoutMs;
    this.timeoutMs = timeoutMs;
    this.signal = controller.signal;
    this.target = undefined;
    this.addresses = undefined;
    this.unresolved = undefined;
    this.sent = "no";
    this.formerlySent = "no";
    this.attempts = 0;
    this.waitedMs = 0;
    this.elsewhere = false;
    this.status = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.waitingFor = undefined;
    this.queuedMs = 0;
    this.preceding = undefined;
    this.following = undefined;
    this.controller = controller;
    this.finishers = [];
    this.onEnd = onEnd;
    this.finished = false;
  }

  /** Microseconds spent between attempts and in queues. */
  waits(): { waitedUs: number; queuedUs: number } {
    return {
      waitedUs: Math.round(this.waitedMs * 1_000),
      queuedUs: Math.round(this.queuedMs * 1_000),
    };
  }

  /** Ends the call: work upstream stops, the caller gets the error. */
  abort(error: ConnectorError): void {
    if (!this.finished) this.stop(error);
  }

  /** Stops whatever still runs upstream, also after the end. */
  stop(error: ConnectorError): void {
    if (!this.signal.aborted) this.controller.abort(error);
  }

  /** Called once, when the response body is over or the call has failed. */
  onFinish(callback: (outcome: Outcome) => void): void {
    this.finishers.push(callback);
  }

  /** The first outcome counts: a stream that is cancelled after its deadline ended by the deadline. */
  finish(outcome: Outcome): void {
    if (this.finished) return;
    this.finished = true;
    this.onEnd(this);
    for (const callback of this.finishers) callback(outcome);
  }
}

/** The caller no longer wants the answer. */
export function cancelled(sent: Sent, cause?: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "call.cancelled",
    message: "The caller cancelled the call",
    origin: "caller",
    sent,
    cause,
  });
}

/** The same error with more known about it. */
export function withDetails(
  error: ConnectorError,
  details: Partial<
    Pick<ConnectorError, "requestId" | "attempts" | "waitedUs" | "queuedUs" | "sent">
  >,
): ConnectorError {
  const { errorClass, code, message, origin, sent, status, retryAfterMs, cause } = error;
  const { requestId, attempts, waitedUs, queuedUs } = error;
  return new ConnectorError({
    ...{ errorClass, code, message, origin, sent, status, retryAfterMs, cause },
    ...{ requestId, attempts, waitedUs, queuedUs },
    ...details,
  });
}

/** Names the call that an error belongs to, with its figures. */
export function stamp(error: ConnectorError, call: ActiveCall): ConnectorError {
  if (error.requestId !== undefined) return error;
  const { id: requestId, attempts } = call;
  return withDetails(error, { requestId, attempts, ...call.waits() });
}
