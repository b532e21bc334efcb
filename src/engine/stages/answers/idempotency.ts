/** A call with an idempotency key is made once: a repeated one joins it, and afterwards gets its answer. */
import type { CallReply } from "../../../core/call.ts";
import type { Clock } from "../../../core/clock.ts";
import { type ConnectorError, ErrorClass, invalidRequest } from "../../../core/errors.ts";
import { fieldBytes, firstHeader } from "../../../core/headers.ts";
import { statusClass } from "../../../http/status.ts";
import { type ActiveCall, cancelled } from "../../call.ts";
import { fingerprint } from "../../idempotency/fingerprint.ts";
import {
  type IdempotencyRecord,
  IdempotencyRecords,
  type RecordBounds,
} from "../../idempotency/records.ts";
import { notKept, SharedBody } from "../../idempotency/shared_body.ts";
import { credentialsOf } from "../../limits/credentials.ts";
import type { Next, Stage } from "../../stage.ts";
import { answerOf, replyOf, type SharedAnswer } from "../../whole_answer.ts";
import { joined } from "../../join.ts";

type Kept = IdempotencyRecord<SharedAnswer>;

/** What a record takes besides its text and body, measured. */
const RECORD_BYTES = 1_024;
const IN_CONFLICT = 409;

/** What engines that take each other's place know together. */
export type KeyedCalls = IdempotencyRecords<SharedAnswer>;

export function createKeyedCalls(): KeyedCalls {
  return new IdempotencyRecords();
}

export function idempotency(
  records: KeyedCalls,
  bounds: RecordBounds,
  clock: Clock,
  mayWait: boolean,
): Stage {
  records.bounds = bounds;
  let sweptAt = clock.monotonic();

  function sweep(now: number): void {
    if (now - sweptAt < bounds.ageMs) return;
    sweptAt = now;
    records.sweep(now);
  }

  async function make(call: ActiveCall, next: Next, record: Kept): Promise<CallReply> {
    let reply: CallReply;
    try {
      reply = await next(call);
    } catch (error) {
      // A caller that cancels only cancels for itself.
      if (call.signal.aborted) records.giveUp(record);
      else records.fail(record, error);
      throw error;
    }
    const final = isFinal(reply.status);
    if (final && reply.body instanceof ReadableStream && reply.url === undefined) {
      return share(call, reply, reply.body, record);
    }
    const answer = final ? answerOf(reply) : undefined;
    if (answer === undefined) records.giveUp(record);
    else records.complete(record, answer, sizeOf(record, answer), clock.monotonic());
    return reply;
  }

  /** Whoever joins reads what has come so far, and then what follows. */
  function share(
    call: ActiveCall,
    reply: CallReply,
    body: ReadableStream<Uint8Array>,
    record: Kept,
  ): CallReply {
    const { status, headers } = reply;
    const keep = (all: Uint8Array | typeof TOO_LONG): void => {
      const answer = { status, headers: all === TOO_LONG ? [] : headers, body: all };
      records.complete(record, answer, sizeOf(record, answer), clock.monotonic());
    };
    const shared = new SharedBody(body, bounds.bytesPerTenant >> 2, {
      onBytes: (change) => records.arrives(record, change),
      onWhole: keep,
      onTooLong: () => keep(TOO_LONG),
      onFailed: (error) => records.fail(record, error),
      onLeft() {
        records.giveUp(record);
        call.stop(cancelled("committed"));
      },
    });
    call.signal.addEventListener("abort", () => shared.fail(call.signal.reason));
    call.goesOn = () => shared.isShared;
    const own = shared.open();
    records.begins(record, { status, headers, body: shared });
    return { ...reply, body: own };
  }

  /**
   * On workerd the end of one request cannot wake another, nor may one read another's stream: the same call is refused while it is
   * made. Its request may have been dropped there without a word, so only as long as its time lasts.
   */
  function notJoined(call: ActiveCall, next: Next, { deadlineAt }: Kept, now: number) {
    if (now >= deadlineAt) return next(call);
    throw inProgress(
      "the same call is in progress, and on workerd no call can join another: repeat it when that one has ended",
    );
  }

  function keyed(call: ActiveCall, next: Next, key: string, print: string): PromiseLike<CallReply> {
    const { tenantId, connector } = call.request;
    const now = clock.monotonic();
    sweep(now);
    // Two APIs do not know each other's keys.
    const place = `${connector}\n${call.target?.host ?? ""}\n${
      credentialsOf(call.request)
    }\n${key}`;
    const begun = records.begin(tenantId, place, print, now);
    switch (begun.kind) {
      case "first":
        begun.record.deadlineAt = call.deadlineAt;
        return make(call, next, begun.record);
      case "answer":
        if (!mayWait && begun.answer.body instanceof SharedBody) {
          return notJoined(call, next, begun.record, now);
        }
        return Promise.resolve(replyOf(call, begun.answer, clock));
      case "mismatch":
        throw invalidRequest(
          "idempotency.mismatch",
          "the idempotency key was already used for another request: " +
            "a key may only be repeated with the same method, URL and body",
        );
      case "busy":
        throw inProgress(
          "another request with the idempotency key is still in progress: " +
            "a key may only be repeated with the same method, URL and body",
        );
      case "under-way":
        return mayWait
          ? joined(
            call,
            clock,
            "the same call in progress",
            begun.record.flight,
            () => make(call, next, begun.record),
          )
          : notJoined(call, next, begun.record, now);
      case "full":
        return next(call);
    }
  }

  return (call, next) => {
    const { idempotencyKey, freshKey, method } = call.request;
    if (idempotencyKey === undefined || /^(?:get|head)$/i.test(method)) return next(call);
    // A header that the caller set wins, so it is the key that the API will see.
    const key = firstHeader(call.request.headers, "idempotency-key") ?? idempotencyKey;
    // Nobody can repeat it, and keeping its answer costs as much as several stages.
    if (freshKey === true && key === idempotencyKey) return next(call);
    const print = fingerprint(call.request);
    if (print === undefined) return next(call);
    return keyed(call, next, key, print);
  };
}

function inProgress(message: string): ConnectorError {
  return invalidRequest("idempotency.in_progress", message);
}

/** In place of an answer that is not kept: the call was made, and must not be made again. */
const TOO_LONG = {
  open(): never {
    throw notKept();
  },
};

/** An API may put more into the head of an answer than into its body, and a caller into a key. */
function sizeOf({ key }: Kept, { headers, body }: SharedAnswer): number {
  const length = body instanceof Uint8Array ? body.length : 0;
  return RECORD_BYTES + key.length + fieldBytes(headers) + length;
}

/** Whether repeating the call would return the same answer. */
function isFinal(status: number): boolean {
  const found = statusClass(status);
  return found === ErrorClass.Success || found === ErrorClass.InvalidRequest ||
    (found === ErrorClass.Permanent && status !== IN_CONFLICT);
}
