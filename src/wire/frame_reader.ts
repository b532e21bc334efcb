/** Splits a byte stream into frames: `u32 big-endian length`, `u8 type`, payload. */
import { wireError } from "./error.ts";
import { MAX_FRAME_BYTES } from "./messages/message_type.ts";

/** `payload` is a view that is valid only during the call. */
export type OnFrame = (type: number, payload: Uint8Array) => void;

/** Memory for a frame that has not arrived completely: taken, or given back if negative. May throw if there is none. */
export type HoldBytes = (bytes: number) => void;

const LENGTH_BYTES = 4;
/** A frame's memory is allocated as its bytes arrive, so that announcing 10 MiB costs the sender 10 MiB too. */
const FIRST_ALLOCATION = 64 * 1024;

export class FrameReader {
  readonly #onFrame: OnFrame;
  readonly #hold: HoldBytes;
  /** The largest frame accepted. A change applies from the next frame on. */
  maxFrameBytes: number;
  /** The start of an incomplete frame, with its length bytes. */
  #partial: Uint8Array = new Uint8Array(LENGTH_BYTES);
  #have = 0;
  #stopped = false;

  constructor(
    onFrame: OnFrame,
    maxFrameBytes: number = MAX_FRAME_BYTES,
    hold: HoldBytes = () => {},
  ) {
    this.#onFrame = onFrame;
    this.#hold = hold;
    this.maxFrameBytes = maxFrameBytes;
  }

  /**
   * Takes the next bytes and calls back for each complete frame.
   * Throws `frame.empty`, `frame.oversize` or what `hold` throws; frame boundaries are lost then, and nothing more is read.
   */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#have > 0 || chunk.length - at < LENGTH_BYTES) {
        at = this.#collect(chunk, at);
        continue;
      }
      const length = this.#check(readLength(chunk, at));
      const end = at + LENGTH_BYTES + length;
      if (end > chunk.length) {
        at = this.#collect(chunk, at);
        continue;
      }
      const type = chunk[at + LENGTH_BYTES]!;
      const payload = chunk.subarray(at + LENGTH_BYTES + 1, end);
      at = end;
      this.#onFrame(type, payload);
    }
  }

  /** Ignores everything from now on, including the rest of the chunk in hand: the connection is being closed. */
  stop(): void {
    this.#stopped = true;
    if (this.#partial.length > LENGTH_BYTES) this.#hold(LENGTH_BYTES - this.#partial.length);
    this.#partial = new Uint8Array(0);
    this.#have = 0;
  }

  /** True if the stream ended inside a frame. */
  get truncated(): boolean {
    return this.#have > 0;
  }

  /** Copies into the incomplete frame, first its length, then the rest. Returns the new position in `chunk`. */
  #collect(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#have < LENGTH_BYTES) {
      at += this.#copy(chunk, at, LENGTH_BYTES);
      if (this.#have < LENGTH_BYTES) return at;
    }
    const total = LENGTH_BYTES + this.#check(readLength(this.#partial, 0));
    at += this.#copy(chunk, at, total);
    if (this.#have < total) return at;
    const frame = this.#partial;
    this.#partial = new Uint8Array(LENGTH_BYTES);
    this.#hold(LENGTH_BYTES - frame.length);
    this.#have = 0;
    this.#onFrame(frame[LENGTH_BYTES]!, frame.subarray(LENGTH_BYTES + 1, total));
    return at;
  }

  #copy(chunk: Uint8Array, from: number, upTo: number): number {
    const take = Math.min(upTo - this.#have, chunk.length - from);
    const need = this.#have + take;
    if (need > this.#partial.length) {
      const size = Math.min(upTo, Math.max(need, this.#partial.length * 2, FIRST_ALLOCATION));
      this.#grow(size - this.#partial.length);
      const grown = new Uint8Array(size);
      grown.set(this.#partial.subarray(0, this.#have));
      this.#partial = grown;
    }
    this.#partial.set(chunk.subarray(from, from + take), this.#have);
    this.#have += take;
    return take;
  }

  #grow(bytes: number): void {
    try {
      this.#hold(bytes);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  #check(length: number): number {
    if (length >= 1 && length <= this.maxFrameBytes) return length;
    this.stop();
    if (length === 0) {
      throw wireError("frame.empty", "a frame of length 0: every frame has at least a type byte");
    }
    throw wireError(
      "frame.oversize",
      `a frame of ${length} bytes: at most ${this.maxFrameBytes} are accepted`,
    );
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>>
    0;
}
