/** A call on its way through the engine. */
import { CallAbort } from "../core/async/call_signal.ts";
import type { CallReply, CallRequest } from "../core/call.ts";
import type { Clock } from "../core/clock.ts";
import { ConnectorError, ErrorClass, type Sent } from "../core/errors.ts";
import type { PinnedAddress } from "../core/rules/pinned_address.ts";
import type { DatabaseKind } from "../core/database/schemes.ts";
import type { DatabaseCall } from "./database/database_call.ts";
import type { Upload } from "./retry/upload.ts";
import type { TenantPolicy } from "./tenancy/tenant.ts";
import type { Timeout } from "./timers.ts";

/** How a call ended. `error` is absent if there was a whole response, whatever its status. */
export interface Outcome {
  readonly error?: ConnectorError | undefined;
  /** From arrival to the last byte, where that is known. */
  readonly durationMs?: number;
}

type Finisher = (outcome: Outcome, call: ActiveCall) => void;

/** What a stage does once the attempt that it let through has a response head, or has failed without one. Must not throw. */
export interface AttemptEnd {
  answered(call: ActiveCall, reply: CallReply): void;
  failed(call: ActiveCall, thrown: unknown): void;
}

/** Each look into a URL object makes a new string: what calls ask for again and again is read once. */
export interface ParsedUrl {
  readonly url: URL;
  /** `api.example.com:8443` */
  readonly host: string;
  /** `https://api.example.com:8443` */
  readonly origin: string;
  /** Absent unless it names a database. */
  readonly database?: DatabasePlace;
}

export interface DatabasePlace {
  /** Undefined: the runtime's configuration knows by the name. */
  readonly kind: DatabaseKind | undefined;
  /** With its credentials. */
  readonly href: string;
  /** It is reached without a network. */
  readonly local: boolean;
  readonly inMemory: boolean;
}

/**
 * A call inside the engine: the request, what the engine gave it on arrival, and what stages add on the way in. There is one
 * for each of tens of thousands of calls a second, so the request is referred to, not copied, and fields are declared, not
 * defined: each is written once.
 */
export class ActiveCall {
  /** The request; the cache adds conditional headers. */
  declare request: CallRequest;
  /** What the tenant may do. */
  declare readonly tenant: TenantPolicy;
  declare readonly id: string;
  /** `clock.monotonic()` on arrival, ms. */
  declare readonly startedAt: number;
  /** `clock.monotonic()` by which the call must be over, ms. */
  declare readonly deadlineAt: number;
  /** The caller's timeout, capped by the operator's limit. */
  declare readonly timeoutMs: number;
  /** Aborted by the caller, by a disconnect or by the deadline; the reason is a ConnectorError. */
  declare readonly signal: CallAbort;
  /** The URL, parsed: set by `validate`. */
  declare target: ParsedUrl | undefined;
  /** What a database is asked: set by `database`. */
  declare asked: DatabaseCall | undefined;
  /** Where it may connect: set by `authorize`; undefined if the runtime resolves names by itself. */
  declare addresses: readonly PinnedAddress[] | undefined;
  /** Why there are no addresses: set by `authorize`, becomes the failure of the first attempt. */
  declare unresolved: ConnectorError | undefined;
  /** How far the request got; errors carry it. */
  declare sent: Sent;
  /** How far earlier attempts got. */
  declare formerlySent: Sent;
  /** Attempts made upstream. */
  declare attempts: number;
  /** Time spent between attempts, ms. */
  declare waitedMs: number;
  /** Whether a redirect has led this attempt to another origin. */
  declare elsewhere: boolean;
  /** Status of the response head, 0 before it. */
  declare status: number;
  /** Bytes of the response body delivered. */
  declare bytesIn: number;
  /** Bytes of the request body taken by the upstream. */
  declare bytesOut: number;
  /** The request body, if it is streamed: set by the first attempt. */
  declare upload: Upload | undefined;
  /** The queue that the call waits in, as messages name it. */
  declare waitingFor: string | undefined;
  /** Time spent in queues so far, ms. */
  declare queuedMs: number;
  /** Attempts that are under way beside each other. */
  declare branches: readonly ActiveCall[] | undefined;
  /** Attempts made beside others. */
  declare hedges: number;
  /** Neighbours in the list of active calls. */
  declare preceding: ActiveCall | undefined;
  declare following: ActiveCall | undefined;
  /** Whether nothing has waited since it came, so that it is still `startedAt`. */
  declare arriving: boolean;
  /** Ends it at its deadline; set by `deadline`. */
  declare timeout: Timeout | undefined;
  /** Whether others read its answer, who have it to the end when its caller leaves; set by `idempotency`. */
  declare goesOn: (() => boolean) | undefined;
  declare private readonly ends: AttemptEnd[];
  declare private readonly finishers: Finisher[];
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
    this.request = request;
    this.tenant = tenant;
    this.id = id;
    this.startedAt = startedAt;
    this.deadlineAt = startedAt + timeoutMs;
    this.timeoutMs = timeoutMs;
    this.signal = new CallAbort();
    this.target = undefined;
    this.asked = undefined;
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
    this.upload = undefined;
    this.waitingFor = undefined;
    this.queuedMs = 0;
    this.branches = undefined;
    this.hedges = 0;
    this.preceding = undefined;
    this.following = undefined;
    this.arriving = false;
    this.timeout = undefined;
    this.goesOn = undefined;
    this.ends = [];
    this.finishers = [];
    this.onEnd = onEnd;
    this.finished = false;
  }

  /** `clock.monotonic()`, without a look at the clock where it is known: that costs as much as a stage. */
  time(clock: Clock): number {
    return this.arriving ? this.startedAt : clock.monotonic();
  }

  /** Time spent between attempts and in queues, in microseconds. */
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

  /** Stops whatever still runs upstream, even after the end. */
  stop(error: ConnectorError): void {
    this.signal.abort(error);
  }

  /** The stage has let the attempt under way through. Stages between `hedge` and `upstream` only. */
  onHead(end: AttemptEnd): void {
    this.ends.push(end);
  }

  /** The attempt under way has its head; the innermost stage learns it first. */
  answered(reply: CallReply): void {
    for (let end = this.ends.pop(); end !== undefined; end = this.ends.pop()) {
      end.answered(this, reply);
    }
  }

  /** The attempt under way has failed. */
  failed(thrown: unknown): void {
    for (let end = this.ends.pop(); end !== undefined; end = this.ends.pop()) {
      end.failed(this, thrown);
    }
  }

  /** Called once, when the response body ends or the call fails. */
  onFinish(callback: Finisher): void {
    this.finishers.push(callback);
  }

  /** The first outcome counts: a stream cancelled after its deadline was ended by the deadline. */
  finish(outcome: Outcome): void {
    if (this.finished) return;
    this.finished = true;
    this.timeout?.cancel();
    this.onEnd(this);
    for (const callback of this.finishers) callback(outcome, this);
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

/** What other attempts may have brought about is said, too, when the last one was not sent. */
export function further(error: ConnectorError, sent: Sent): ConnectorError {
  return error.sent === "no" && sent !== "no" ? withDetails(error, { sent }) : error;
}

/** Adds to an error the call it belongs to and its figures. */
export function stamp(error: ConnectorError, call: ActiveCall): ConnectorError {
  if (error.requestId !== undefined) return error;
  const { id: requestId, attempts } = call;
  return withDetails(error, { requestId, attempts, ...call.waits() });
}
