/** Answers that are kept and shared by several calls, of which each gets a copy. */
import type { CallReply } from "../core/call.ts";
import type { Clock } from "../core/clock.ts";
import type { StoredAnswer } from "./cache/response_cache.ts";
import type { ActiveCall } from "./call.ts";

/** The body of each call its own. */
export interface SharedAnswer extends Omit<StoredAnswer, "body"> {
  readonly body: Uint8Array | { open(): ReadableStream<Uint8Array> };
}

/** Undefined for one that is streamed, or came from a different URL. */
export function answerOf({ status, headers, body, url }: CallReply): StoredAnswer | undefined {
  if (!(body instanceof Uint8Array) || url !== undefined) return undefined;
  // The caller may modify what it gets.
  return { status, headers, body: body.slice() };
}

/** For a call without an attempt of its own. */
export function replyOf(call: ActiveCall, answer: SharedAnswer, clock: Clock): CallReply {
  const { body } = answer;
  const own = body instanceof Uint8Array ? body.slice() : body.open();
  call.sent = "committed";
  call.status = answer.status;
  return {
    requestId: call.id,
    status: answer.status,
    headers: answer.headers,
    body: own,
    attempts: call.attempts,
    durationUs: Math.round((clock.monotonic() - call.startedAt) * 1_000),
  };
}
