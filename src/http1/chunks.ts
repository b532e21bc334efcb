/** Decodes the chunked transfer coding (RFC 9112, section 7) as it arrives: pieces of any size in, one piece per call out. */
import { headTooLarge, malformed } from "./errors.ts";
import { fieldName } from "./names.ts";
import { MAX_FIELDS } from "./head.ts";

/** Longest chunk-size line, extensions included. */
const MAX_LINE = 4_096;
/** More bytes of framing than this, beyond what chunks of their size need, are an attack on the reader. */
const MAX_EXCESS = 65_536;
const FEW = 64;
const CR = 0x0d;
const LF = 0x0a;
const SIZE_LINE = /^([0-9A-Fa-f]{1,13})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/;
/** How a size line may begin: nonsense is refused before the line ends, if it ever does. */
const SIZE_START = /^[0-9A-Fa-f]{1,13}(?:[\t ]*|[\t ]*;[\t\x20-\x7e\x80-\xff]*)\r?$/;
const FIELD_LINE = /^[\t\x20-\x7e\x80-\xff]*$/;

export interface PieceSink {
  body(piece: Uint8Array): void;
}

type Latin1 = (bytes: Uint8Array, from: number, to: number) => string;

const State = { Size: 0, Data: 1, DataEnd: 2, Trailer: 3, Done: 4 } as const;
type State = (typeof State)[keyof typeof State];

export class ChunkDecoder {
  #state: State = State.Size;
  /** Remaining bytes of the current chunk. */
  #left = 0;
  /** The beginning of a line whose end has not arrived. */
  #line = "";
  #excess = 0;
  #trailerBytes = 0;
  #trailerFields = 0;
  readonly #latin1: Latin1;
  readonly #maxTrailerBytes: number;

  constructor(latin1: Latin1, maxTrailerBytes: number) {
    this.#latin1 = latin1;
    this.#maxTrailerBytes = maxTrailerBytes;
  }

  get done(): boolean {
    return this.#state === State.Done;
  }

  /**
   * Reads from `at` on; returns where it stopped, which is the end of `bytes` unless the body ended. The chunks' content is
   * delivered at once, however many there were. @throws AnswerError
   */
  push(bytes: Uint8Array, at: number, sink: PieceSink): number {
    // Where the data of the first chunk is; that of others is copied behind it.
    let from = 0;
    let to = 0;
    let joined: Uint8Array | undefined;
    let size = 0;
    let next = at;
    while (next < bytes.length && this.#state !== State.Done) {
      if (this.#state !== State.Data) {
        next = this.#frame(bytes, next);
        continue;
      }
      let left = this.#left;
      // The fast path, for chunks with ordinary framing: a body may consist of a million of them.
      do {
        const end = Math.min(bytes.length, next + left);
        if (to === 0) {
          from = next;
          to = end;
        } else {
          if (joined === undefined) {
            size = to - from;
            // No more can follow than is left of the input.
            joined = new Uint8Array(size + bytes.length - next);
            copy(bytes, from, to, joined, 0);
          }
          copy(bytes, next, end, joined, size);
          size += end - next;
        }
        left -= end - next;
        next = end;
        if (left > 0 || bytes[next] !== CR || bytes[next + 1] !== LF) break;
        left = hexDigit(bytes[next + 2]);
        if (left <= 0 || bytes[next + 3] !== CR || bytes[next + 4] !== LF) {
          left = 0;
          break;
        }
        next += 5;
      } while (next < bytes.length);
      this.#left = left;
      if (left === 0) this.#state = State.DataEnd;
    }
    if (joined !== undefined) sink.body(joined.subarray(0, size));
    else if (to > 0) sink.body(bytes.subarray(from, to));
    return next;
  }

  #frame(bytes: Uint8Array, at: number): number {
    if (this.#line === "") {
      const next = this.#state === State.Size
        ? this.#shortSize(bytes, at)
        : this.#state === State.DataEnd
        ? this.#shortEnd(bytes, at)
        : 0;
      if (next > 0) return next;
    }
    const end = bytes.indexOf(LF, at);
    const stop = end < 0 ? bytes.length : end + 1;
    const limit = this.#state === State.Trailer ? this.#maxTrailerBytes : MAX_LINE;
    if (this.#line.length + stop - at > limit) throw this.#tooLong();
    this.#line += this.#latin1(bytes, at, stop);
    if (end < 0) {
      if (this.#state === State.Size && !SIZE_START.test(this.#line)) throw badSize();
      if (this.#state === State.DataEnd && this.#line !== "\r") throw longChunk();
      return stop;
    }
    if (!this.#line.endsWith("\r\n")) {
      throw malformed("a line of the chunked coding without its CR");
    }
    const line = this.#line.slice(0, -2);
    this.#line = "";
    if (this.#state === State.Size) this.#size(line);
    else if (this.#state === State.DataEnd) this.#dataEnd(line);
    else this.#trailer(line);
    return stop;
  }

  /** One to four digits with their CR LF, like nearly every chunk, read without creating a string. 0 for anything else. */
  #shortSize(bytes: Uint8Array, at: number): number {
    let size = 0;
    let next = at;
    for (; next < at + 4; next++) {
      const digit = hexDigit(bytes[next]);
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    if (next === at || bytes[next] !== CR || bytes[next + 1] !== LF) return 0;
    this.#begin(size, next - at);
    return next + 2;
  }

  #shortEnd(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 0;
    this.#state = State.Size;
    return at + 2;
  }

  #size(line: string): void {
    const digits = SIZE_LINE.exec(line)?.[1];
    if (digits === undefined) throw badSize();
    this.#begin(Number.parseInt(digits, 16), line.length);
  }

  #begin(size: number, lineLength: number): void {
    this.#excess = Math.max(0, this.#excess + lineLength + 4 - 16 - 2 * size);
    if (this.#excess > MAX_EXCESS) throw this.#tooLong();
    this.#left = size;
    this.#state = size === 0 ? State.Trailer : State.Data;
  }

  #dataEnd(line: string): void {
    if (line !== "") throw longChunk();
    this.#state = State.Size;
  }

  #trailer(line: string): void {
    if (line === "") {
      this.#state = State.Done;
      return;
    }
    this.#trailerBytes += line.length + 2;
    if (this.#trailerBytes > this.#maxTrailerBytes) throw this.#tooLong();
    if (++this.#trailerFields > MAX_FIELDS) {
      throw headTooLarge(`more than ${MAX_FIELDS} trailer fields`);
    }
    const colon = line.indexOf(":");
    if (colon < 0 || !FIELD_LINE.test(line)) {
      throw malformed("a trailer that is not a header field");
    }
    fieldName(line, 0, colon);
  }

  #tooLong(): Error {
    return this.#state === State.Trailer
      ? headTooLarge(`more than ${this.#maxTrailerBytes} bytes of trailers`)
      : malformed("more framing than a chunked body needs");
  }
}

/** Copies a few bytes one by one: creating a view costs more. */
function copy(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number): void {
  if (to - from > FEW) return into.set(bytes.subarray(from, to), at);
  for (let i = from; i < to; i++) into[at + i - from] = bytes[i] as number;
}

function badSize(): Error {
  return malformed("a chunk size that is not hexadecimal digits");
}

function longChunk(): Error {
  return malformed("a chunk that is longer than its size");
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
