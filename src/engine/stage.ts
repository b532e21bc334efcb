/** The shape of the engine: a chain of small stages around one upstream. */
import type { CallReply, CallRequest } from "../core/call.ts";
import type { ConnectorError, Sent } from "../core/errors.ts";
import type { PinnedAddress } from "../core/platform.ts";
import type { Outcome } from "./call.ts";

/** A call inside the engine: the request plus what the engine gave it on arrival and what stages add on the way in. */
export interface Call extends CallRequest {
  readonly id: string;
  /** `clock.monotonic()` on arrival, ms. */
  readonly startedAt: number;
  /** `clock.monotonic()` by which the call must be over, ms. */
  readonly deadlineAt: number;
  /** Aborted by the caller, by a disconnect or by the deadline; the reason is a ConnectorError. */
  readonly signal: AbortSignal;

  /** The URL, parsed: set by `validate`. */
  target: URL | undefined;
  /** Where it may connect to: set by `authorize`; undefined where the runtime resolves names by itself. */
  addresses: readonly PinnedAddress[] | undefined;
  /** How far the request got; errors carry it. */
  sent: Sent;
  /** Attempts made upstream. */
  attempts: number;
  /** Status of the response head, 0 before it. */
  status: number;
  /** Bytes of the response body handed over. */
  bytesIn: number;
  /** Bytes of the request body taken by the upstream. */
  bytesOut: number;

  /** Ends the call: work upstream stops, the caller gets the error. */
  abort(error: ConnectorError): void;
  /** Called once, when the response body is over or the call has failed. */
  onFinish(callback: (outcome: Outcome) => void): void;
}

export type Next = (call: Call) => Promise<CallReply>;

/**
 * One concern. State lives in the closure that made the stage; time comes from an injected clock. A stage may throw
 * instead of rejecting, and returns `next(call)` itself where it has nothing to do afterwards: no promise of its own.
 */
export type Stage = (call: Call, next: Next) => Promise<CallReply>;

/** Folds stages around the innermost handler, first stage outermost. */
export function chain(stages: readonly Stage[], last: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (call) => stage(call, next), last);
}
