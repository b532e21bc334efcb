/** Answers from the cache if fresh, else revalidates. */
import type { CallReply, CallRequest } from "../../../core/call.ts";
import type { Clock } from "../../../core/clock.ts";
import { toConnectorError } from "../../../core/errors.ts";
import {
  type CacheBounds,
  type Lookup,
  ResponseCache,
  type StoredAnswer,
} from "../../cache/response_cache.ts";
import type { ActiveCall } from "../../call.ts";
import type { Next, Stage } from "../../stage.ts";
import { answerOf, replyOf } from "../../whole_answer.ts";

const NOT_MODIFIED = 304;
const HARMLESS = /^(?:get|head|options|trace)$/i;

export function cache(bounds: CacheBounds, clock: Clock): Stage {
  const kept = new ResponseCache(bounds);

  function ask(
    call: ActiveCall,
    next: Next,
    found: Lookup & { kind: "stale" } | undefined,
  ): PromiseLike<CallReply> {
    const asked: CallRequest = call.request;
    if (found !== undefined) {
      call.request = { ...asked, headers: [...asked.headers, ...found.validators] };
    }
    const sentAt = clock.monotonic();
    const asking = kept.begin(asked);
    call.onFinish(() => kept.end(asking));
    return next(call).then((reply) => {
      const at = { sentAt, receivedAt: clock.monotonic(), date: clock.now() };
      if (found !== undefined && reply.status === NOT_MODIFIED) {
        return replyOf(call, kept.renew(found.stored, reply.headers, at), clock);
      }
      const answer = answerOf(reply);
      if (answer !== undefined) kept.store(asked, answer, at, asking);
      return reply;
    });
  }

  async function change(call: ActiveCall, next: Next): Promise<CallReply> {
    let reply: CallReply;
    try {
      reply = await next(call);
    } catch (error) {
      // It may have been made, though its answer is lost.
      if (toConnectorError(error).sent !== "no") kept.invalidate(call.request);
      throw error;
    }
    // So may one that a gateway in between gave up.
    if (reply.status < 400 || reply.status >= 500) kept.invalidate(call.request);
    return reply;
  }

  return (call, next) => {
    if (!HARMLESS.test(call.request.method)) return change(call, next);
    const found = kept.find(call.request, clock.monotonic());
    if (found?.kind !== "fresh") return ask(call, next, found);
    return Promise.resolve(replyOf(call, aged(found.answer, found.age), clock));
  };
}

function aged(answer: StoredAnswer, age: number): StoredAnswer {
  const headers = answer.headers.filter(([name]) => name.toLowerCase() !== "age");
  return { ...answer, headers: [...headers, ["age", String(age)]] };
}
