/** A stream of items as server-sent events, at the reader's pace. */
import type { Problem } from "../problem/problem.ts";

const encoder = new TextEncoder();
const DONE = encoder.encode("data: [DONE]\n\n");

export interface ItemStream {
  readonly items: AsyncIterator<unknown>;
  /** Ends the call behind the items. */
  readonly abort: (reason: unknown) => void;
  /** Describes what broke the stream. */
  readonly describe: (error: unknown) => Problem;
}

/**
 * One `data:` event per item, then `data: [DONE]`. A failure midway becomes an `error` event with a problem document, and
 * the stream ends without `[DONE]`, so that a truncated answer is never mistaken for a complete one. An item is fetched only when the
 * reader asks; when the reader disconnects, the call ends.
 */
export function eventBody({ items, abort, describe }: ItemStream): ReadableStream<Uint8Array> {
  let left = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await items.next();
        if (left) return;
        controller.enqueue(
          done === true ? DONE : encoder.encode(`data: ${JSON.stringify(value)}\n\n`),
        );
        if (done === true) controller.close();
      } catch (error) {
        if (left) return;
        controller.enqueue(
          encoder.encode(`event: error\ndata: ${JSON.stringify({ error: describe(error) })}\n\n`),
        );
        controller.close();
      }
    },
    async cancel(reason: unknown) {
      left = true;
      abort(reason);
      await items.return?.().catch(() => {});
    },
  }, { highWaterMark: 0 });
}

/** Items that are bytes, passed on as they are. A failure midway breaks the body. */
export function bytesBody({ items, abort, describe }: ItemStream): ReadableStream<Uint8Array> {
  let left = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await items.next();
        if (left) return;
        if (done === true) controller.close();
        else if (value instanceof Uint8Array) controller.enqueue(value);
        else throw new TypeError("A stream of bytes yielded something else.");
      } catch (error) {
        if (!left) controller.error(new Error(describe(error).detail));
      }
    },
    async cancel(reason: unknown) {
      left = true;
      abort(reason);
      await items.return?.().catch(() => {});
    },
  }, { highWaterMark: 0 });
}
