/** Answers that are kept and shared by several calls: whole ones, of which each call gets a copy. */
import type { CallReply } from "../core/call.ts";
import type { Clock } from "../core/clock.ts";
import type { StoredAnswer } from "./cache/response_cache.ts";
import type { ActiveCall } from "./call.ts";

/** Undefined for one that is streamed, or came from a different URL. */
export function answerOf({ status, headers, body, url }: CallReply): StoredAnswer | undefined {
  if (!(body instanceof Uint8Array) || url !== undefined) return undefined;
  // The caller may modify what it gets.
  return { status, headers, body: body.slice() };
}

/** For a call without an attempt of its own. */
export function replyOf(call: ActiveCall, answer: StoredAnswer, clock: Clock): CallReply {
  call.sent = "committed";
  call.status = answer.status;
  return {
    requestId: call.id,
    status: answer.status,
    headers: answer.headers,
    body: answer.body.slice(),
    attempts: call.attempts,
    durationUs: Math.round((clock.monotonic() - call.startedAt) * 1_000),
  };
}
