/** A body that arrives in Data frames, as a ReadableStream whose reader sets the pace. */
import type { ConnectorError } from "../../core/errors.ts";

export interface IncomingBodyOptions {
  /** The reader took bytes: time to grant more. */
  readonly onConsumed: (bytes: number) => void;
  /** The reader cancelled before the end. */
  readonly onCancel: () => void;
}

/** An unread chunk costs far more than a few bytes: above this number, small ones are merged. */
const MANY_CHUNKS = 16;
const SMALL_BYTES = 1024;
const TAIL_BYTES = 4 * 1024;

export class IncomingBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #options: IncomingBodyOptions;
  readonly #chunks: Uint8Array[] = [];
  /** Buffer of the last chunk, if it was merged from small ones. */
  #tail: Uint8Array | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** The reader is waiting for the next chunk. */
  #pulled: (() => void) | undefined;
  #ended = false;
  #error: ConnectorError | undefined;

  constructor(options: IncomingBodyOptions) {
    this.#options = options;
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        if (this.#deliver()) return;
        return new Promise<void>((resolve) => {
          this.#pulled = resolve;
        });
      },
      cancel: () => {
        if (this.#ended) return;
        this.#ended = true;
        this.#chunks.length = 0;
        this.#options.onCancel();
      },
    }, { highWaterMark: 0 });
  }

  /** Takes over the bytes: a caller that holds a view into a socket buffer copies first. */
  push(bytes: Uint8Array): void {
    if (this.#ended || bytes.length === 0) return;
    if (bytes.length < SMALL_BYTES && this.#chunks.length >= MANY_CHUNKS) {
      this.#append(bytes);
      return;
    }
    this.#tail = undefined;
    this.#chunks.push(bytes);
    this.#wake();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake();
  }

  /** Delivers what has arrived, then the error. */
  fail(error: ConnectorError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  /** The same at once: unread data is dropped. */
  abort(error: ConnectorError): void {
    this.#chunks.length = 0;
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  /** Nobody is waiting, so chunks are queued. */
  #append(bytes: Uint8Array): void {
    const used = this.#tail === undefined ? TAIL_BYTES : this.#chunks.at(-1)!.length;
    if (used + bytes.length > TAIL_BYTES) {
      this.#tail = new Uint8Array(TAIL_BYTES);
      this.#tail.set(bytes);
      this.#chunks.push(this.#tail.subarray(0, bytes.length));
    } else {
      this.#tail!.set(bytes, used);
      this.#chunks[this.#chunks.length - 1] = this.#tail!.subarray(0, used + bytes.length);
    }
  }

  #wake(): void {
    const pulled = this.#pulled;
    if (pulled === undefined) {
      // Nobody is reading yet: an end without data must still close a stream whose `closed` is awaited.
      if (this.#ended && this.#chunks.length === 0) this.#settle();
      return;
    }
    if (!this.#deliver()) return;
    this.#pulled = undefined;
    pulled();
  }

  /** Gives the reader one chunk, or the end. False: there is nothing yet. */
  #deliver(): boolean {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#controller!.enqueue(chunk);
      this.#options.onConsumed(chunk.length);
      if (this.#ended && this.#chunks.length === 0) this.#settle();
      return true;
    }
    if (!this.#ended) return false;
    this.#settle();
    return true;
  }

  #settle(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    this.#controller = undefined;
    if (this.#error === undefined) controller.close();
    else controller.error(this.#error);
  }
}
