/** A stream that the runtime keeps: follows it, so that each item has an id from which the stream can be resumed. */
import type { CallReply } from "../../core/call.ts";
import type { KeptCall } from "../../connector/data/options.ts";
import type { OperationDefinition } from "../../connector/definition/definition.ts";
import { eventId, newStreamId, type Place } from "./event_id.ts";

/** How an API separates its items, where that can be seen in the bytes. */
type Separator = "sse" | "ndjson";

const LF = 10;
const CR = 13;

export class KeptStream {
  /** For the call. */
  readonly keep: KeptCall;
  readonly #stream: string;
  readonly #separator: Separator;
  /** Items to leave out: the reader has them. */
  #known: number;
  /** A byte at which an item begins, and how many have come since. */
  #base: number;
  #items = 0;
  /** All that was read, and the latest byte in it at which an item begins. */
  #read: number;
  #boundary: number;
  /** The two bytes before. */
  #tail: readonly [number, number] = [LF, LF];
  #kept = false;

  /** `owner`: whoever may resume it, and nobody else. */
  constructor(owner: string, separator: Separator, from: Place | undefined) {
    this.#stream = from?.stream ?? newStreamId();
    this.#separator = separator;
    this.#known = from?.items ?? 0;
    this.#base = this.#read = this.#boundary = from?.base ?? 0;
    this.keep = {
      id: keptId(owner, this.#stream),
      ...(from !== undefined && { from: from.base }),
      onReply: (reply) => this.#follow(reply),
    };
  }

  /** The id of the item that came last; undefined where the runtime does not keep the stream. */
  get position(): string | undefined {
    if (!this.#kept) return undefined;
    return eventId({ stream: this.#stream, base: this.#base, items: this.#items });
  }

  /** The items that the reader does not have yet. */
  items(source: AsyncIterator<unknown>): AsyncIterator<unknown> {
    return {
      next: async () => {
        for (;;) {
          const found = await source.next();
          if (found.done === true) return found;
          this.#items++;
          if (this.#known === 0) return found;
          this.#known--;
        }
      },
      return: async (value) => await source.return?.(value) ?? { done: true, value },
    };
  }

  #follow(reply: CallReply): CallReply {
    const { body, kept } = reply;
    if (kept !== true || !(body instanceof ReadableStream)) return reply;
    this.#kept = true;
    const reader = body.getReader();
    const followed = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        // More is read when all items of what was read are handed out.
        if (this.#boundary > this.#base) {
          this.#base = this.#boundary;
          this.#items = 0;
        }
        const { done, value } = await reader.read();
        if (done) return controller.close();
        this.#note(value);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return { ...reply, body: followed };
  }

  #note(piece: Uint8Array): void {
    for (
      let at = piece.lastIndexOf(LF);
      at >= 0;
      at = at === 0 ? -1 : piece.lastIndexOf(LF, at - 1)
    ) {
      if (this.#separator === "ndjson" || this.#isBlank(piece, at)) {
        this.#boundary = this.#read + at + 1;
        break;
      }
    }
    this.#tail = [this.#byteBefore(piece, piece.length - 1), this.#byteBefore(piece, piece.length)];
    this.#read += piece.length;
  }

  /** Whether the line that ends there is empty: that is what ends an event. */
  #isBlank(piece: Uint8Array, at: number): boolean {
    const before = this.#byteBefore(piece, at);
    return before === LF || (before === CR && this.#byteBefore(piece, at - 1) === LF);
  }

  #byteBefore(piece: Uint8Array, at: number): number {
    return at > 0 ? piece[at - 1] ?? 0 : this.#tail[at + 1] ?? 0;
  }
}

/** What the stream is called in the runtime. */
export function keptId(owner: string, stream: string): string {
  return `${owner}/${stream}`;
}

/** Undefined where the call does not stream, or nobody can see where its items end. */
export function separatorOf(
  operation: OperationDefinition,
  input: unknown,
): Separator | undefined {
  const { stream } = operation;
  if (stream === undefined || (stream.format !== "sse" && stream.format !== "ndjson")) {
    return undefined;
  }
  return asksForStream(operation, input) ? stream.format : undefined;
}

/** Whether the call of this input answers with a stream. */
export function asksForStream(
  { stream, body }: OperationDefinition,
  input: unknown,
): boolean {
  if (stream === undefined) return false;
  const asked = body?.key === undefined ? input : property(input, body.key);
  return stream.when.every(({ path, oneOf }) =>
    oneOf.some((value) => value === path.reduce(property, asked))
  );
}

function property(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
