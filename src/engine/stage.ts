/** The shape of the engine: a chain of small stages around one upstream. */
import type { CallReply, CallRequest } from "../core/call.ts";

/** A call inside the engine: the request plus what the engine gave it on arrival. */
export interface Call extends CallRequest {
  readonly id: string;
  /** `clock.monotonic()` on arrival, ms. */
  readonly startedAt: number;
  /** `clock.monotonic()` by which the call must be over, ms. */
  readonly deadlineAt: number;
  /** Aborted by the caller, by a disconnect or by the deadline; the reason is a ConnectorError. */
  readonly signal: AbortSignal;
}

export type Next = (call: Call) => Promise<CallReply>;

/** One concern. State lives in the closure that made the stage; time comes from an injected clock. */
export type Stage = (call: Call, next: Next) => Promise<CallReply>;

/** Folds stages around the innermost handler, first stage outermost. */
export function chain(stages: readonly Stage[], last: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (call) => stage(call, next), last);
}
