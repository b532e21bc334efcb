/** One call on its way through the engine. */
import type { Body, CallPolicy, CallRequest, HeaderList } from "../core/call.ts";
import { ConnectorError, ErrorClass, type Sent } from "../core/errors.ts";
import type { PinnedAddress } from "../core/platform.ts";
import type { Call } from "./stage.ts";

/** How a call ended. `error` is absent when there was a whole response, whatever its status. */
export interface Outcome {
  readonly error?: ConnectorError | undefined;
}

/**
 * Made by the engine on arrival; stages see it as a {@link Call}. One a call at tens of thousands a second: the request is
 * looked through, not copied, and fields are declared, not defined, so that each is written once.
 */
export class ActiveCall implements Call {
  declare readonly request: CallRequest;
  declare readonly id: string;
  declare readonly startedAt: number;
  declare readonly deadlineAt: number;
  declare readonly timeoutMs: number;
  declare readonly signal: AbortSignal;
  declare target: URL | undefined;
  declare addresses: readonly PinnedAddress[] | undefined;
  declare sent: Sent;
  declare attempts: number;
  declare status: number;
  declare bytesIn: number;
  declare bytesOut: number;
  /** Neighbours in the list of active calls. */
  declare preceding: ActiveCall | undefined;
  declare following: ActiveCall | undefined;
  declare private readonly controller: AbortController;
  declare private readonly finishers: ((outcome: Outcome) => void)[];
  declare private readonly onEnd: (call: ActiveCall) => void;
  declare private finished: boolean;

  constructor(
    request: CallRequest,
    id: string,
    startedAt: number,
    timeoutMs: number,
    onEnd: (call: ActiveCall) => void,
  ) {
    const controller = new AbortController();
    this.request = request;
    this.id = id;
    this.startedAt = startedAt;
    this.deadlineAt = startedAt + timeoutMs;
    this.timeoutMs = timeoutMs;
    this.signal = controller.signal;
    this.target = undefined;
    this.addresses = undefined;
    this.sent = "no";
    this.attempts = 0;
    this.status = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.preceding = undefined;
    this.following = undefined;
    this.controller = controller;
    this.finishers = [];
    this.onEnd = onEnd;
    this.finished = false;
  }

  get tenantId(): string {
    return this.request.tenantId;
  }
  get workspaceId(): string {
    return this.request.workspaceId;
  }
  get traceId(): string {
    return this.request.traceId;
  }
  get connector(): string {
    return this.request.connector;
  }
  get operation(): string {
    return this.request.operation;
  }
  get method(): string {
    return this.request.method;
  }
  get url(): string {
    return this.request.url;
  }
  get headers(): HeaderList {
    return this.request.headers;
  }
  get body(): Body {
    return this.request.body;
  }
  get idempotencyKey(): string | undefined {
    return this.request.idempotencyKey;
  }
  get traceparent(): string | undefined {
    return this.request.traceparent;
  }
  get policy(): CallPolicy | undefined {
    return this.request.policy;
  }

  abort(error: ConnectorError): void {
    if (!this.finished) this.stop(error);
  }

  /** Stops whatever still runs upstream, also after the end. */
  stop(error: ConnectorError): void {
    if (!this.signal.aborted) this.controller.abort(error);
  }

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
  details: { requestId?: string; attempts?: number; sent?: Sent },
): ConnectorError {
  const {
    errorClass,
    code,
    message,
    origin,
    sent,
    status,
    retryAfterMs,
    cause,
    requestId,
    attempts,
  } = error;
  return new ConnectorError({
    ...{
      errorClass,
      code,
      message,
      origin,
      sent,
      status,
      retryAfterMs,
      cause,
      requestId,
      attempts,
    },
    ...details,
  });
}

/** Names the call that an error belongs to. */
export function stamp(error: ConnectorError, requestId: string, attempts: number): ConnectorError {
  return error.requestId === undefined ? withDetails(error, { requestId, attempts }) : error;
}
