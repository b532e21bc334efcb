/** Waits for the answer to a call that someone else makes. */
import type { CallReply } from "../core/call.ts";
import type { Clock } from "../core/clock.ts";
import { toConnectorError } from "../core/errors.ts";
import { type ActiveCall, withDetails } from "./call.ts";
import { inQueue } from "./queue.ts";
import type { End, Flight } from "./state/flight.ts";
import { replyOf, type SharedAnswer } from "./whole_answer.ts";

/** `make`: makes the call if its caller has cancelled it. */
export async function joined<V extends SharedAnswer>(
  call: ActiveCall,
  clock: Clock,
  name: string,
  flight: Flight<V>,
  make: () => Promise<CallReply>,
): Promise<CallReply> {
  const end = await inQueue<End<V>>(call, clock, name, (onTurn) => {
    const joiner = flight.join(onTurn);
    return () => flight.leave(joiner);
  });
  if (end.kind === "answer") return replyOf(call, end.answer, clock);
  if (end.kind === "yours") return await make();
  throw withDetails(toConnectorError(end.error), { requestId: call.id });
}
