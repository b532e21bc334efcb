/** Identical GETs share one answer while it is in progress. */
import type { CallReply } from "../../../core/call.ts";
import type { Clock } from "../../../core/clock.ts";
import { Coalescer, coalescingKey } from "../../cache/coalesce.ts";
import type { StoredAnswer } from "../../cache/response_cache.ts";
import type { ActiveCall } from "../../call.ts";
import type { Next, Stage } from "../../stage.ts";
import { answerOf } from "../../whole_answer.ts";
import { joined } from "../../join.ts";

export function coalesce(clock: Clock): Stage {
  const flights = new Coalescer<StoredAnswer>();

  async function make(call: ActiveCall, next: Next, key: string): Promise<CallReply> {
    let reply: CallReply;
    try {
      reply = await next(call);
    } catch (error) {
      // A caller that cancels only cancels for itself.
      if (call.signal.aborted) flights.giveUp(key);
      else flights.fail(key, error);
      throw error;
    }
    const answer = answerOf(reply);
    if (answer === undefined) flights.giveUp(key);
    else flights.answer(key, answer);
    return reply;
  }

  return (call, next) => {
    const key = coalescingKey(call.request);
    if (key === undefined) return next(call);
    const flight = flights.begin(key);
    return flight === undefined
      ? make(call, next, key)
      : joined(call, clock, "an identical call in progress", flight, () => make(call, next, key));
  };
}
