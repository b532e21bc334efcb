/** One layer of decoding, written and read piece by piece. */
import type * as zlib from "node:zlib";
import type { Encoding } from "./encodings.ts";

export interface Codec {
  readonly z: typeof zlib;
  /**
   * Let the standard DecompressionStream check brotli, for a zlib that accepts truncated bodies (Deno's).
   */
  readonly webBrotli: boolean;
  /** Largest ratio of decoded to encoded bytes. */
  readonly ratio: number;
}

export interface Decoder {
  /** Resolves when the piece is decoded and most of its output was read. */
  write(piece: Uint8Array): Promise<void>;
  end(): void;
  next(): Promise<Uint8Array | undefined>;
  destroy(error?: Error): void;
}

/** Some servers send deflate without the zlib header that the standard asks for; its first byte shows which. */
export function isRawDeflate(head: Uint8Array): boolean {
  return ((head[0] ?? 0) & 0x0f) !== 8;
}

export function createDecoder(codec: Codec, encoding: Encoding, head: Uint8Array): Decoder {
  const { z } = codec;
  if (encoding === "gzip") return overZlib(z.createGunzip());
  if (encoding === "br") {
    const brotli = overZlib(z.createBrotliDecompress());
    return codec.webBrotli ? checked(brotli, "brotli") : brotli;
  }
  return overZlib(isRawDeflate(head) ? z.createInflateRaw() : z.createInflate());
}

function overZlib(
  stream: zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress,
): Decoder {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  // The iterator reports errors; between its steps nobody listens.
  stream.on("error", () => {});
  return {
    write: (piece) => new Promise((resolve) => stream.write(piece, () => resolve())),
    end: () => void stream.end(),
    async next() {
      const { done, value } = await pieces.next();
      return done ? undefined : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    },
    destroy: (error) => void stream.destroy(error),
  };
}

/**
 * The output of a decoder that does not notice truncation, ended only when DecompressionStream finds the input complete. That one
 * decodes a whole piece at once, however large, so it only gets input whose output was read: a bomb never reaches it.
 */
function checked(decoder: Decoder, format: string): Decoder {
  // "brotli" is newer than the type of the constructor's argument.
  const { readable, writable } = new DecompressionStream(format as CompressionFormat);
  const writer = writable.getWriter();
  const verdict = readable.pipeTo(new WritableStream());
  verdict.catch(() => {});
  return {
    async write(piece) {
      await decoder.write(piece);
      await writer.ready;
      writer.write(piece as BufferSource).catch(() => {});
    },
    end() {
      decoder.end();
      writer.close().catch(() => {});
    },
    async next() {
      const piece = await decoder.next();
      if (piece === undefined) await verdict;
      return piece;
    },
    destroy(error) {
      decoder.destroy(error);
      writer.abort(error).catch(() => {});
    },
  };
}
