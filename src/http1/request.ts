/** Encodes a request: the head is one string, and a small body is sent with it in one write. */
import type { HeaderList } from "../core/call.ts";

export interface RequestParts {
  readonly method: string;
  /** Target, version and Host, prepared by {@link Target}. */
  readonly start: string;
  /** Checked: no CR, LF or NUL, and no framing fields except a content-length for a streamed body. */
  readonly headers: HeaderList;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
}

/** A body up to this size is copied behind the head: one write is cheaper than two. */
export const JOINED_BODY = 16_384;

/** How a streamed body is framed: by the length that the caller announced, or in chunks. */
export function announcedLength(headers: HeaderList): number | undefined {
  for (const [name, value] of headers) {
    if (name === "content-length") return Number(value);
  }
  return undefined;
}

export function requestHead(request: RequestParts): string {
  const { method, headers, body } = request;
  let text = method + request.start;
  for (let i = 0; i < headers.length; i++) {
    const field = headers[i];
    if (field !== undefined) text += `${field[0]}: ${field[1]}\r\n`;
  }
  if (body === null) {
    // Without it, some servers wait for a body.
    if (method === "POST" || method === "PUT" || method === "PATCH") {
      text += "content-length: 0\r\n";
    }
  } else if (body instanceof Uint8Array) text += `content-length: ${body.byteLength}\r\n`;
  else if (announcedLength(headers) === undefined) text += "transfer-encoding: chunked\r\n";
  return `${text}\r\n`;
}

const encoder = new TextEncoder();
/** Larger heads get memory of their own. */
const SCRATCH = 4_096;

/** Encodes heads in reused memory: each result is valid until the next one. */
export class HeadWriter {
  #scratch: Uint8Array | undefined;
  /** Length of the last request: the next one is often as long. */
  #view: Uint8Array | undefined;

  /** The head, followed by the body if it is small. */
  write(head: string, body: Uint8Array | null): Uint8Array {
    const extra = body === null ? 0 : body.byteLength;
    const most = head.length + extra;
    // On V8, allocating small arrays costs more than everything else that a request needs.
    const into = most > SCRATCH ? new Uint8Array(most) : this.#scratch ??= new Uint8Array(SCRATCH);
    const { written, read } = encoder.encodeInto(head, into);
    // UTF-8 of anything but ASCII is longer than its text.
    if (written !== head.length || read !== head.length) latin1Into(head, into);
    if (body !== null) into.set(body, head.length);
    if (into !== this.#scratch) return into;
    if (this.#view?.length !== most) this.#view = into.subarray(0, most);
    return this.#view;
  }
}

function latin1Into(text: string, into: Uint8Array): void {
  for (let i = 0; i < text.length; i++) into[i] = text.charCodeAt(i);
}

const CRLF = encoder.encode("\r\n");
export const LAST_CHUNK: Uint8Array = encoder.encode("0\r\n\r\n");
const MAX_DIGITS = 10;

/** A piece of a streamed body as a chunk. */
export function asChunk(piece: Uint8Array): Uint8Array {
  const size = piece.byteLength.toString(16);
  const chunk = new Uint8Array(size.length + piece.byteLength + 4);
  encoder.encodeInto(size.slice(0, MAX_DIGITS), chunk);
  chunk.set(CRLF, size.length);
  chunk.set(piece, size.length + 2);
  chunk.set(CRLF, chunk.length - 2);
  return chunk;
}
