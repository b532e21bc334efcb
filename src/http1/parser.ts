/** Reads the answer to one request from a connection, whatever pieces it arrives in. */
import { ChunkDecoder } from "./chunks.ts";
import { closedEarly, headTooLarge, malformed, truncated } from "./errors.ts";
import { parseHead, type ResponseHead } from "./head.ts";

/** Receives what was parsed. Each method is called within `push` or `end`, which pass on what it throws. */
export interface AnswerSink {
  head(head: ResponseHead): void;
  body(piece: Uint8Array): void;
  end(): void;
}

export interface ParserOptions {
  /** Limit for the bytes of a head with all interim answers before it, and of the trailers. */
  readonly maxHeadBytes: number;
  /** Each byte as the character with that code. TextDecoder treats latin1 as windows-1252. */
  readonly latin1: (bytes: Uint8Array, from: number, to: number) => string;
  /** A part of the bytes, as a view or copied: what costs less on the runtime. Default: a view. */
  readonly cut?: ((bytes: Uint8Array, from: number, to: number) => Uint8Array) | undefined;
}

const State = { Over: 0, Head: 1, Length: 2, Chunks: 3, Close: 4 } as const;
type State = (typeof State)[keyof typeof State];

/** Most heads are shorter; no more than this of a piece is decoded when searching for the end of one. */
const USUAL_HEAD = 2_048;
const START = "HTTP/1.";
const CR = 0x0d;
const LF = 0x0a;

export class AnswerParser {
  #state: State = State.Over;
  #sink: AnswerSink | undefined;
  #isHead = false;
  #left = 0;
  #chunks: ChunkDecoder | undefined;
  /** The beginning of a head whose end has not arrived. */
  #held: Uint8Array | undefined;
  #heldBytes = 0;
  /** Bytes of heads so far, interim answers included. */
  #headBytes = 0;
  readonly #options: ParserOptions;
  readonly #cut: NonNullable<ParserOptions["cut"]>;

  constructor(options: ParserOptions) {
    this.#options = options;
    this.#cut = options.cut ?? viewOf;
  }

  /** Awaits the answer to a request with this method. */
  begin(method: string, sink: AnswerSink): void {
    this.#state = State.Head;
    this.#sink = sink;
    this.#isHead = method === "HEAD";
    this.#headBytes = 0;
  }

  /** True from `begin` to the end of the answer. */
  get open(): boolean {
    return this.#state !== State.Over;
  }

  /** Returns how many of the bytes belong to the answer; fewer than given if it ended earlier. @throws AnswerError */
  push(bytes: Uint8Array): number {
    const sink = this.#sink;
    if (sink === undefined) return 0;
    let at = 0;
    while (at < bytes.length && this.#state !== State.Over) {
      switch (this.#state) {
        case State.Head:
          at = this.#head(bytes, at, sink);
          break;
        case State.Length: {
          const end = Math.min(bytes.length, at + this.#left);
          this.#left -= end - at;
          sink.body(at === 0 && end === bytes.length ? bytes : this.#cut(bytes, at, end));
          at = end;
          if (this.#left === 0) this.#finish(sink);
          break;
        }
        case State.Chunks: {
          const chunks = this.#chunks as ChunkDecoder;
          at = chunks.push(bytes, at, sink);
          if (chunks.done) this.#finish(sink);
          break;
        }
        case State.Close:
          sink.body(bytes.subarray(at));
          return bytes.length;
        default:
      }
    }
    return at;
  }

  /** The connection ended with a FIN: the end of a body without a length, the loss of the rest for any other. */
  end(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#state === State.Over) return;
    if (this.#state === State.Head) throw closedEarly();
    if (this.#state !== State.Close) throw truncated();
    this.#finish(sink);
  }

  #finish(sink: AnswerSink): void {
    this.#state = State.Over;
    this.#chunks = undefined;
    this.#sink = undefined;
    sink.end();
  }

  #head(bytes: Uint8Array, at: number, sink: AnswerSink): number {
    if (this.#heldBytes === 0) {
      const to = Math.min(bytes.length, at + USUAL_HEAD);
      const text = this.#options.latin1(bytes, at, to);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#count(end + 4);
        this.#answer(text.slice(0, end + 2), sink);
        return at + end + 4;
      }
    }
    return this.#heldHead(bytes, at, sink);
  }

  /** The slow path, for a head that is long or arrives in pieces: each byte is examined once, however few arrive at a time. */
  #heldHead(bytes: Uint8Array, at: number, sink: AnswerSink): number {
    const room = this.#options.maxHeadBytes - this.#headBytes;
    const before = this.#heldBytes;
    const taken = Math.min(bytes.length - at, room + 1 - before);
    const held = this.#hold(bytes.subarray(at, at + taken));
    const size = before + taken;
    for (let i = before; i < Math.min(size, START.length); i++) {
      if (held[i] !== START.charCodeAt(i)) {
        throw malformed("a status line that does not begin with HTTP/1.1 or HTTP/1.0");
      }
    }
    const lines = held.subarray(0, size);
    for (let i = lines.indexOf(LF, before); i >= 0; i = lines.indexOf(LF, i + 1)) {
      if (held[i - 1] !== CR) throw malformed("a line of the head that ends with LF alone");
      if (held[i - 2] !== LF || held[i - 3] !== CR) continue;
      this.#heldBytes = 0;
      this.#held = undefined;
      this.#count(i + 1);
      this.#answer(this.#options.latin1(held, 0, i - 1), sink);
      return at + i + 1 - before;
    }
    if (size > room) throw this.#tooLarge();
    return at + taken;
  }

  #hold(piece: Uint8Array): Uint8Array {
    const size = this.#heldBytes + piece.length;
    let held = this.#held;
    if (held === undefined || held.length < size) {
      const larger = new Uint8Array(Math.max(size, 2 * (held?.length ?? 512)));
      if (held !== undefined) larger.set(held.subarray(0, this.#heldBytes));
      this.#held = held = larger;
    }
    held.set(piece, this.#heldBytes);
    this.#heldBytes = size;
    return held;
  }

  #count(bytes: number): void {
    this.#headBytes += bytes;
    if (this.#headBytes > this.#options.maxHeadBytes) throw this.#tooLarge();
  }

  #tooLarge(): Error {
    return headTooLarge(`more than ${this.#options.maxHeadBytes} bytes (maxHeadBytes)`);
  }

  #answer(text: string, sink: AnswerSink): void {
    const head = parseHead(text);
    const { status } = head;
    if (status < 200) {
      // We never ask for an upgrade.
      if (status === 101) throw malformed("101 to a request that asked for no upgrade");
      return;
    }
    sink.head(head);
    if (this.#isHead || status === 204 || status === 304 || head.length === 0) {
      this.#finish(sink);
    } else if (head.chunked) {
      this.#chunks = new ChunkDecoder(this.#options.latin1, this.#options.maxHeadBytes);
      this.#state = State.Chunks;
    } else if (head.length !== undefined) {
      this.#left = head.length;
      this.#state = State.Length;
    } else this.#state = State.Close;
  }
}

function viewOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return bytes.subarray(from, to);
}
