/** One streamed answer that is kept: what was read of it last, and whoever reads it now. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { KeptBytes } from "./kept_bytes.ts";

export interface KeptEvents {
  /** Bytes kept, more or fewer. */
  readonly onBytes: (change: number) => void;
  /** Nobody reads it any more. */
  readonly onLeft: () => void;
}

const BLOCK_BYTES = 4096;

interface Reader {
  /** The next byte to hand out. */
  at: number;
  /** Ends what it reads from. */
  fail(error: unknown): void;
}

/**
 * While somebody reads, the upstream is read at that pace, and half of `maxBytes` of what was handed out is kept, because it may
 * not have arrived. While nobody does, it is read on until `maxBytes` are kept, and then waits.
 */
export class KeptStream {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #maxBytes: number;
  readonly #events: KeptEvents;
  readonly #kept: KeptBytes;
  #outcome: { readonly error?: unknown } | undefined;
  #reader: Reader | undefined;
  #reading: Promise<void> | undefined;

  constructor(body: ReadableStream<Uint8Array>, maxBytes: number, events: KeptEvents) {
    this.#source = body.getReader();
    this.#maxBytes = maxBytes;
    this.#kept = new KeptBytes(Math.min(BLOCK_BYTES, maxBytes >> 5));
    this.#events = events;
  }

  get bytes(): number {
    return this.#kept.length;
  }

  /** Whether the part from there on is kept. */
  has(from: number): boolean {
    return from >= this.#kept.start && from <= this.#kept.end;
  }

  /** The body from there on. Whoever read it before reads no further: there is one reader at a time. */
  open(from: number): { readonly body: ReadableStream<Uint8Array>; leave(reason: unknown): void } {
    this.#reader?.fail(takenOver());
    let out: ReadableStreamDefaultController<Uint8Array> | undefined;
    const reader: Reader = { at: from, fail: (error) => out?.error(error) };
    this.#reader = reader;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (out = controller),
      pull: (controller) => this.#hand(reader, controller),
      cancel: () => this.#left(reader),
    }, { highWaterMark: 0 });
    return {
      body,
      leave: (reason) => {
        if (this.#reader !== reader) return;
        reader.fail(reason);
        this.#left(reader);
      },
    };
  }

  /** Ends the call behind it. */
  drop(reason: unknown): void {
    this.#outcome ??= { error: reason };
    this.#reader?.fail(reason);
    this.#reader = undefined;
    this.#trim(this.#kept.end);
    this.#source.cancel(reason).catch(() => {});
  }

  /** Keeps nothing that has been handed out. */
  shrink(): void {
    if (this.#reader !== undefined) this.#trim(this.#reader.at);
  }

  async #hand(
    reader: Reader,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    while (this.#reader === reader) {
      const piece = this.#kept.from(reader.at);
      if (piece !== undefined) {
        reader.at += piece.length;
        controller.enqueue(piece);
        this.#trim(reader.at - this.#maxBytes / 2);
        return;
      }
      if (this.#outcome !== undefined) {
        if ("error" in this.#outcome) controller.error(this.#outcome.error);
        else controller.close();
        this.#left(reader);
        return;
      }
      await this.#more();
    }
  }

  #left(reader: Reader): void {
    if (this.#reader !== reader) return;
    this.#reader = undefined;
    this.#events.onLeft();
    void this.#readAhead();
  }

  async #readAhead(): Promise<void> {
    while (
      this.#reader === undefined && this.#outcome === undefined && this.bytes < this.#maxBytes
    ) {
      await this.#more();
    }
  }

  /** Reads one piece, whoever asked for it. Never rejects. */
  #more(): Promise<void> {
    return this.#reading ??= this.#source.read().then(({ done, value }) => {
      if (this.#outcome !== undefined) return;
      if (done) {
        this.#outcome = {};
        return;
      }
      this.#kept.append(value);
      this.#events.onBytes(value.length);
    }, (error: unknown) => {
      this.#outcome ??= { error };
    }).finally(() => this.#reading = undefined);
  }

  #trim(before: number): void {
    const forgotten = this.#kept.forget(before);
    if (forgotten > 0) this.#events.onBytes(-forgotten);
  }
}

function takenOver(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "stream.taken_over",
    message: "The stream is read on by another request with the same position",
    origin: "caller",
    sent: "committed",
  });
}
