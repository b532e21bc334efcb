/** Extracts items, one at a time, from the frames of a body. */
import { badAnswer, ConnectorError, UNUSABLE } from "../../core/errors.ts";
import { END, select, type ServerSentEvent } from "../../sse/mod.ts";
import { lenientJson } from "../../core/rules/answer_rule.ts";
import { apiError, bodyOf, matchRule } from "../answer/api_error.ts";
import { allHold } from "../../core/rules/condition.ts";
import { errorSource, secretsIn, shownError, type Work } from "../call/work.ts";
import { factsOf, unreadable } from "../answer/results.ts";
import type { Frame, StreamData } from "../data/stream.ts";
import type { Exchange } from "../data/request.ts";

export interface ItemSource<Item> {
  /** The next item if it has already arrived, without a promise; undefined if `next` has to wait. Throws what `next` would reject with. */
  ready?(): IteratorResult<Item, undefined> | undefined;
  next(): Promise<IteratorResult<Item, undefined>>;
  /** Ends the call behind it. Idempotent. */
  cancel(reason?: unknown): Promise<void>;
}

/** The stream ended before the API said that it was complete. The items so far are correct, but not all of them. */
export class TruncatedStreamError extends ConnectorError {
  override readonly name: string = "TruncatedStreamError";
}

/** How long to wait for a server that keeps the connection open after its end marker. */
const LINGER_MS = 1000;
const SKIP = Symbol();
const ERROR_EVENTS: readonly string[] = ["error"];

/** Calls of `next` must not overlap. */
export function frameSource<Item>(
  work: Work,
  { reply, request, observed }: Exchange,
  stream: StreamData,
): ItemSource<Item> {
  const secrets = secretsIn(work, request);
  const redact = (text: string): string => secrets().redact(text);
  const batches = stream.format(reply.body, {
    signal: work.options.signal,
    maxEventBytes: work.client.options.maxEventBytes,
  });
  let batch: readonly Frame[] = [];
  let at = 0;
  let over = false;
  /** The current item is the last one. */
  let complete = false;

  const stop = (error?: unknown): boolean => {
    if (over) return false;
    batch = [];
    observed?.end(error);
    return over = true;
  };

  const fail = (error: unknown): never => {
    if (stop(error)) batches.cancel(error).catch(() => {});
    throw shownError(work, secrets(), error);
  };

  /** Everything has arrived. Reading to the end of the body lets its connection be reused; cancelling would close it. */
  const release = (): void => {
    stop();
    const cancel = (): void => {
      batches.cancel().catch(() => {});
    };
    const linger = AbortSignal.timeout(LINGER_MS);
    linger.addEventListener("abort", cancel);
    batches.read().then((rest) => rest && cancel(), () => {}).finally(() =>
      linger.removeEventListener("abort", cancel)
    );
  };

  const parse = (data: string): unknown => {
    try {
      return stream.parse ? stream.parse(data, work.operation.json) : JSON.parse(data);
    } catch (cause) {
      // A heartbeat. Only checked here, since most streams contain nothing but items.
      if (data.trim() === "") return SKIP;
      const shown = redact(data);
      throw badAnswer(
        "stream.bad_item",
        `An item of the stream is not JSON: ${JSON.stringify(shown.slice(0, 80))}`,
        { ...factsOf(reply), ...(shown === data ? { cause } : {}) },
      );
    }
  };

  const isError = (item: unknown): unknown =>
    // Some APIs say in each item that there is no error: `""`, `false`, `0`.
    (stream.error && select(stream.error, item)) ||
    (stream.errorWhen && allHold(stream.errorWhen, item));

  const failure = (item: unknown, data: string): Error => {
    const source = errorSource(work, secrets);
    const rule = matchRule(source, reply, item, true);
    const body = bodyOf(source, rule, data, item);
    return apiError(source, reply, body, rule, { message: stream.errorMessage });
  };

  // Many documents that do not name their end marker have this one, which cannot be an item.
  const { raw, done = raw ? undefined : "[DONE]", events } = stream;
  const isDone = (data: string): boolean =>
    typeof done === "string" && data.length < done.length + 8 && data.trim() === done.trim();
  const errorEvents = stream.errorEvents ?? (events?.includes("error") ? [] : ERROR_EVENTS);

  const decodeEvent = ({ event = "message", data }: ServerSentEvent): unknown => {
    if (event === stream.doneEvent || isDone(data)) {
      release();
      return SKIP;
    }
    if (errorEvents.includes(event)) throw failure(lenientJson(data), data);
    if (data === "") return SKIP;
    if (!events || events.includes(event)) return itemOf(data);
    const item = lenientJson(data);
    if (isError(item)) throw failure(item, data);
    return SKIP;
  };

  const decode = (frame: Frame): unknown => {
    if (frame instanceof Uint8Array) return frame;
    if (typeof frame !== "string") return decodeEvent(frame);
    if (!isDone(frame)) return itemOf(frame);
    release();
    return SKIP;
  };

  const itemOf = (data: string): unknown => {
    const item = raw ? data : parse(data);
    if (item === SKIP) return SKIP;
    if (isError(item)) throw failure(item, data);
    if (typeof stream.done === "object" && allHold(stream.done, item)) complete = true;
    return item;
  };

  const fromBatch = (): IteratorResult<Item, undefined> | undefined => {
    while (at < batch.length) {
      const item = decode(batch[at++] as Frame);
      if (item === SKIP) continue;
      observed?.see(item);
      if (complete) release();
      return { done: false, value: item as Item };
    }
    return over ? END : undefined;
  };

  const end = (): typeof END => {
    const rest = batches.rest?.() ?? "";
    if (rest !== "") {
      const answer = lenientJson(rest);
      if (isError(answer)) throw failure(answer, rest);
      throw unreadable("response.not_events", "events", rest, reply, redact);
    }
    if (stream.done === undefined && stream.doneEvent === undefined) {
      stop();
      return END;
    }
    throw new TruncatedStreamError({
      ...UNUSABLE,
      ...factsOf(reply),
      code: "stream.truncated",
      message: "The stream ended before the API marked its end, so it is not complete",
    });
  };

  return {
    ready: () => {
      try {
        return fromBatch();
      } catch (error) {
        return fail(error);
      }
    },
    next: async () => {
      try {
        for (;;) {
          const found = fromBatch();
          if (found) return found;
          const read = await batches.read();
          if (over) return END;
          if (!read) return end();
          batch = read;
          at = 0;
        }
      } catch (error) {
        return fail(error);
      }
    },
    cancel: async (reason) => {
      if (stop()) await batches.cancel(reason);
    },
  };
}
