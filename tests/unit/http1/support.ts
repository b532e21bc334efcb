/** Answers through the parser, in one piece or many. */
import { Buffer } from "node:buffer";
import { AnswerError } from "../../../src/http1/errors.ts";
import type { ResponseHead } from "../../../src/http1/head.ts";
import { AnswerParser } from "../../../src/http1/parser.ts";

export const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", from, to);

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

export interface Parsed {
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly persistent?: boolean;
  /** Whole: false when it needs more, or the end of the connection. */
  readonly whole?: boolean;
  /** Bytes behind the answer. */
  readonly rest?: number;
  /** The code of what it was refused with. */
  readonly refused?: string;
  readonly why?: string;
}

export interface Way {
  readonly method?: string;
  /** The connection ends with a FIN behind the last piece. */
  readonly fin?: boolean;
  readonly maxHeadBytes?: number;
}

/** What comes of an answer that arrives in these pieces. */
export function parse(pieces: readonly Uint8Array[], way: Way = {}): Parsed {
  const parser = new AnswerParser({ maxHeadBytes: way.maxHeadBytes ?? 65_536, latin1 });
  let head: ResponseHead | undefined;
  let body = "";
  let whole = false;
  parser.begin(way.method ?? "GET", {
    head: (got) => void (head = got),
    body: (piece) => void (body += latin1(piece, 0, piece.length)),
    end: () => void (whole = true),
  });
  let rest = 0;
  try {
    for (const piece of pieces) {
      if (parser.open) rest += piece.length - parser.push(piece);
      else rest += piece.length;
    }
    if (way.fin) parser.end();
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    return { refused: error.code, why: error.message };
  }
  if (head === undefined) return { whole, rest };
  const { status, headers, persistent } = head;
  return { status, headers, body, persistent, whole, rest };
}

/** The same bytes cut in two everywhere, into single bytes, and by a few lengths. */
export function* splits(bytes: Uint8Array): Iterable<readonly Uint8Array[]> {
  yield [bytes];
  for (let i = 1; i < bytes.length; i++) yield [bytes.subarray(0, i), bytes.subarray(i)];
  for (const size of [1, 2, 3, 7]) {
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < bytes.length; i += size) pieces.push(bytes.subarray(i, i + size));
    yield pieces;
  }
}
