/** A response body as a stream: what arrives between two reads is one piece, and the socket pauses if nobody reads. */
import { type DirectReader, offerDirect, type Piece } from "../core/async/direct_reader.ts";
import { Soon } from "../core/async/soon.ts";
import { joinBytes } from "../core/bytes.ts";

/** How much is read from the socket without a reader. */
const MAX_BUFFERED = 65_536;
const MAX_PIECES = 64;

export interface Flow {
  pause(): void;
  resume(): void;
  /** The reader is gone. */
  cancel(reason: unknown): void;
}

type State = "open" | "ended" | "failed" | "over";

export class BodyStream implements UnderlyingDefaultSource<Uint8Array>, DirectReader {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** A read is waiting for the next piece. */
  #asked = false;
  /** Of a reader that goes past the stream; undefined while it waits for nothing. */
  #waiting: Soon<Piece> | undefined;
  /** Such a reader has begun, and the stream is no longer used. */
  #direct = false;
  #state: State = "open";
  #error: unknown;
  /** How it ended stays true for who reads on: a body that broke off must never pass for a whole one. */
  #broken = false;
  readonly #flow: Flow;

  constructor(flow: Flow) {
    this.#flow = flow;
    this.stream = new ReadableStream<Uint8Array>(this, { highWaterMark: 0 });
    offerDirect(this.stream, this);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  push(piece: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#asked) {
      this.#asked = false;
      this.#controller.enqueue(piece);
      return;
    }
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ value: piece });
      return;
    }
    this.#pieces.push(piece);
    this.#size += piece.byteLength;
    // Each may be a single byte with memory of its own.
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [joinBytes(this.#pieces, this.#size)];
    if (this.#size >= MAX_BUFFERED) this.#flow.pause();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#finish();
  }

  /** What has arrived is still delivered. */
  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#broken = true;
    this.#error = error;
    this.#finish();
  }

  /** Drops what has arrived. */
  abort(reason: unknown): void {
    if (this.#state === "over") return;
    this.#pieces = [];
    this.#size = 0;
    this.#state = "failed";
    this.#broken = true;
    this.#error = reason;
    this.#finish();
  }

  read(): Soon<Piece> {
    this.#direct = true;
    const result = new Soon<Piece>();
    if (this.#size > 0) {
      const value = joinBytes(this.#pieces, this.#size);
      this.#pieces = [];
      this.#size = 0;
      if (this.#state === "open") this.#flow.resume();
      result.resolve({ value });
    } else {
      this.#waiting = result;
      this.#finish();
    }
    return result;
  }

  pull(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (this.#size === 0) {
      this.#asked = true;
      return;
    }
    const piece = joinBytes(this.#pieces, this.#size);
    this.#pieces = [];
    this.#size = 0;
    controller.enqueue(piece);
    this.#finish();
    if (this.#state === "open") this.#flow.resume();
  }

  cancel(reason: unknown): void {
    const open = this.#state === "open";
    this.#state = "over";
    this.#pieces = [];
    this.#waiting?.resolve({});
    this.#waiting = undefined;
    if (open) this.#flow.cancel(reason);
  }

  #finish(): void {
    if (this.#size > 0) return;
    if (this.#direct) return this.#finishDirect();
    const state = this.#state;
    if (state === "ended") this.#controller.close();
    else if (state === "failed") this.#controller.error(this.#error);
    else return;
    this.#state = "over";
  }

  /** The end waits for its reader, too. */
  #finishDirect(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#state === "open") return;
    this.#waiting = undefined;
    this.#state = "over";
    if (this.#broken) waiting.reject(this.#error);
    else waiting.resolve({});
  }
}
