/** A stream of items as the body of an answer, at the reader's pace. */
import type { Problem } from "../problem/problem.ts";
import type { ItemFormat } from "./item_format.ts";

const encoder = new TextEncoder();

export interface ItemStream {
  readonly items: AsyncIterator<unknown>;
  /** Ends the call behind the items. */
  readonly abort: (reason: unknown) => void;
  /** Describes what broke the stream. */
  readonly describe: (error: unknown) => Problem;
  /** What resumes the stream behind the item that came last. Absent: it cannot be resumed. */
  readonly position?: () => string | undefined;
}

/**
 * The items one by one, and the end as the format says it. A failure midway becomes a problem document, and the end is not said,
 * so that a truncated answer is never mistaken for a complete one. An item is fetched only when the reader asks; when the reader
 * disconnects, the call ends.
 */
export function itemBody(
  { items, abort, describe, position = () => undefined }: ItemStream,
  format: ItemFormat,
): ReadableStream<Uint8Array> {
  let left = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await items.next();
        if (left) return;
        const text = done === true ? format.done(position()) : format.item(value, position());
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (done === true) controller.close();
      } catch (error) {
        if (left) return;
        controller.enqueue(encoder.encode(format.failure(describe(error))));
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
