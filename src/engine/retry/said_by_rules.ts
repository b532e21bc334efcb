/** What the rules of a connector say about repeating the call that an answer belongs to. */
import type { CallReply } from "../../core/call.ts";
import { joinBytes } from "../../core/bytes.ts";
import type { RetryRule } from "../../core/policy.ts";
import {
  inRange,
  lenientJson,
  meetsBody,
  meetsHeaders,
  meetsStatus,
} from "../../core/rules/answer_rule.ts";
import { deferred } from "../../core/deferred.ts";
import { ErrorClass } from "../../core/errors.ts";
import { statusClass } from "../../http/status.ts";
import type { Timers } from "../timers.ts";

export interface Judged {
  /** The same answer, its body whole where it had to be read. */
  readonly reply: CallReply;
  readonly said: RetryRule["retry"];
}

/** Answers that say no are short; of a longer one, nobody knows what its body would have said. */
const MOST_BYTES = 65_536;
const MOST_MS = 1_000;

/** Whether rules have anything to say about an answer with this status. */
export function areAbout(rules: readonly RetryRule[], status: number): boolean {
  return statusClass(status) === ErrorClass.Success
    ? rules.some((rule) => rule.status !== undefined && inRange(rule.status, status))
    : rules.some((rule) => meetsStatus(rule, status));
}

/** Where the body cannot be looked at, a rule that would forbid to repeat the call does. */
export async function judgeAnswer(
  rules: readonly RetryRule[],
  reply: CallReply,
  timers: Timers,
): Promise<Judged> {
  const possible = rules.filter((rule) =>
    meetsStatus(rule, reply.status) && meetsHeaders(rule, reply.headers)
  );
  const [first] = possible;
  if (first === undefined || first.body === undefined) {
    return { reply, said: first?.retry ?? "default" };
  }
  const body = reply.body instanceof Uint8Array ? reply.body : await readStart(reply.body, timers);
  const read = { ...reply, body };
  if (!(body instanceof Uint8Array)) {
    const forbidden = possible.some(({ retry }) => retry === "never");
    return { reply: read, said: forbidden ? "never" : "default" };
  }
  const value = lenientJson(new TextDecoder().decode(body));
  return { reply: read, said: possible.find((rule) => meetsBody(rule, value))?.retry ?? "default" };
}

/** The body whole, or, when it is long or late, streamed from its start. A failure in it is left to its reader. */
async function readStart(
  stream: ReadableStream<Uint8Array>,
  timers: Timers,
): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  const reader = stream.getReader();
  const { promise: late, resolve } = deferred<undefined>();
  const timeout = timers.after(MOST_MS, () => resolve(undefined));
  const pieces: Uint8Array[] = [];
  let size = 0;
  let next = reader.read();
  try {
    while (size <= MOST_BYTES) {
      const read = await Promise.race([next, late]);
      if (read === undefined) break;
      if (read.done) return joinBytes(pieces, size);
      pieces.push(read.value);
      size += read.value.length;
      next = reader.read();
    }
  } catch {
    // The stream given back fails in the same way.
  } finally {
    timeout.cancel();
  }
  next.catch(() => {});
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) return controller.enqueue(piece);
      const { done, value } = await next;
      if (done) return controller.close();
      next = reader.read();
      next.catch(() => {});
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
