/** The shape of the engine: a chain of small stages around one upstream. */
import type { CallReply } from "../core/call.ts";
import type { ActiveCall } from "./call.ts";

export type Next = (call: ActiveCall) => PromiseLike<CallReply>;

/**
 * One concern. State lives in the closure that made the stage; time comes from an injected clock. A stage may throw
 * instead of rejecting, and returns `next(call)` itself if it has nothing to do afterwards, without a promise of its own.
 */
export type Stage = (call: ActiveCall, next: Next) => PromiseLike<CallReply>;

/** Folds stages around the innermost handler, first stage outermost. */
export function chain(stages: readonly Stage[], last: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (call) => stage(call, next), last);
}

/** Tells the stages within it how the attempt that they let through ended: one promise for all of them. */
export const attempt: Stage = (call, next) => {
  let reply: PromiseLike<CallReply>;
  try {
    reply = next(call);
  } catch (error) {
    call.failed(error);
    throw error;
  }
  return reply.then((answer) => {
    call.answered(answer);
    return answer;
  }, (error: unknown) => {
    call.failed(error);
    throw error;
  });
};
