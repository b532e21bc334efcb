/** One call on its way through the engine. */
import type { Body, CallPolicy, CallRequest, HeaderList } from "../core/call.ts";
import { ConnectorError, ErrorClass, type Sent } from "../core/errors.ts";
import type { PinnedAddress } from "../core/platform.ts";
import type { Call } from "./stage.ts";

/** How a call ended. `error` is absent when there was a whole response, whatever its status. */
export interface Outcome {
  readonly error?: ConnectorError | undefined;
}

/** Made by the engine on arrival; stages see it as a {@link Call}. */
export class ActiveCall implements Call {
  readonly id: string;
  readonly startedAt: number;
  readonly deadlineAt: number;
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly traceId: string;
  readonly connector: string;
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: Body;
  readonly timeoutMs: number;
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string | undefined;
  readonly policy: CallPolicy | undefined;
  readonly signal: AbortSignal;

  target: URL | undefined = undefined;
  addresses: readonly PinnedAddress[] | undefined = undefined;
  sent: Sent = "no";
  attempts = 0;
  status = 0;
  bytesIn = 0;
  bytesOut = 0;

  private readonly controller: AbortController = new AbortController();
  private readonly finishers: ((outcome: Outcome) => void)[] = [];
  private readonly onEnd: (call: ActiveCall) => void;
  private finished = false;

  constructor(
    request: CallRequest,
    id: string,
    startedAt: number,
    timeoutMs: number,
    onEnd: (call: ActiveCall) => void,
  ) {
    this.onEnd = onEnd;
    this.id = id;
    this.startedAt = startedAt;
    this.deadlineAt = startedAt + timeoutMs;
    this.tenantId = request.tenantId;
    this.workspaceId = request.workspaceId;
    this.traceId = request.traceId;
    this.connector = request.connector;
    this.operation = request.operation;
    this.method = request.method;
    this.url = request.url;
    this.headers = request.headers;
    this.body = request.body;
    this.timeoutMs = timeoutMs;
    this.idempotencyKey = request.idempotencyKey;
    this.traceparent = request.traceparent;
    this.policy = request.policy;
    this.signal = this.controller.signal;
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
    message: "the call was cancelled by its caller",
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
