/** An answer as the head of its call, and back: the one list of what of an answer travels. */
import type { CallReply } from "../../core/call.ts";
import type { CallHead } from "./call.ts";

const NO_BYTES = new Uint8Array(0);

/** With its body if that is `whole`; otherwise the body follows. */
export function headOf(reply: CallReply, callId: number, whole: Uint8Array | undefined): CallHead {
  return {
    callId,
    status: reply.status,
    headers: reply.headers,
    body: whole ?? NO_BYTES,
    bodyFollows: whole === undefined,
    attempts: reply.attempts,
    durationUs: reply.durationUs,
    requestId: reply.requestId,
    url: reply.url ?? "",
    waitedUs: reply.waitedUs ?? 0,
    queuedUs: reply.queuedUs ?? 0,
    hedges: reply.hedges ?? 0,
    kept: reply.kept === true,
  };
}

export function replyOf(head: CallHead, body: CallReply["body"]): CallReply {
  const reply: CallReply = {
    requestId: head.requestId,
    status: head.status,
    headers: head.headers,
    body,
    attempts: head.attempts,
    durationUs: head.durationUs,
    waitedUs: head.waitedUs,
    queuedUs: head.queuedUs,
  };
  // Spreading an empty object costs more than the rest of this.
  if (head.hedges === 0 && head.url === "" && !head.kept) return reply;
  return {
    ...reply,
    ...(head.kept && { kept: true as const }),
    ...(head.hedges > 0 && { hedges: head.hedges }),
    ...(head.url !== "" && { url: head.url }),
  };
}
