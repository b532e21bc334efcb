/** One stream for two readers, with a limit on what is kept for the slower one. */
import { badAnswer, ErrorClass } from "../../core/errors.ts";
import { END } from "../../sse/mod.ts";
import { positive } from "../call/client.ts";
import type { ItemSource } from "./item_source.ts";

export interface TeeOptions {
  /** How many items one branch may be ahead of the other. Default: 1,024. */
  readonly maxBuffered?: number | undefined;
}

interface Branch<Item> {
  /** Read, or being read, but not delivered yet. The end stays, for repeated reads. */
  queue: Promise<IteratorResult<Item, undefined>>[];
  begun?: boolean;
  closed?: boolean;
  /** Lets the other branch read on. */
  room?: () => void;
}

export function teeSource<Item>(
  source: ItemSource<Item>,
  options: TeeOptions,
): [ItemSource<Item>, ItemSource<Item>] {
  const limit = positive("maxBuffered", options.maxBuffered ?? 1024);
  const left: Branch<Item> = { queue: [] };
  const right: Branch<Item> = { queue: [] };
  let reading: Promise<void> | undefined;

  /** One read at a time, for both; concurrent callers wait for the same one. */
  const pull = (): Promise<void> => {
    if (!reading) {
      const next = source.next();
      for (const branch of [left, right]) if (!branch.closed) branch.queue.push(next);
      const over = (): void => {
        reading = undefined;
      };
      reading = next.then(over, over);
    }
    return reading;
  };

  /** Waits until the other branch, which is behind, has read on. */
  const room = (other: Branch<Item>): Promise<void> => {
    if (other.begun) return new Promise((resolve) => other.room = resolve);
    throw badAnswer(
      "stream.tee_stalled",
      `One branch of tee() is ${limit} items ahead and nobody reads the other: read both at the same time, or raise maxBuffered`,
      { errorClass: ErrorClass.InvalidRequest, origin: "caller" },
    );
  };

  const reader = (own: Branch<Item>, other: Branch<Item>): ItemSource<Item> => ({
    async next() {
      own.begun = true;
      while (!own.closed) {
        const first = own.queue.shift();
        if (first) {
          own.room?.();
          const result = await first;
          if (result.done) own.queue.unshift(first);
          return result;
        }
        await (!other.closed && other.queue.length >= limit ? room(other) : pull());
      }
      return END;
    },
    async cancel(reason) {
      if (own.closed) return;
      own.closed = true;
      own.queue = [];
      own.room?.();
      if (other.closed) await source.cancel(reason);
    },
  });
  return [reader(left, right), reader(right, left)];
}
