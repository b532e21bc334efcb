/** One layer of decoding, fed and read piece by piece. */
import type * as zlib from "node:zlib";
import type { Encoding } from "./encodings.ts";

export interface Codec {
  readonly z: typeof zlib;
  /**
   * Decode brotli over the standard DecompressionStream, for a zlib that ends a cut brotli body without an error (Deno's).
   */
  readonly webBrotli: boolean;
  /** Decoded bytes may be at most this many times the encoded ones. */
  readonly ratio: number;
}

export interface Decoder {
  /** Resolves when the next piece may come. */
  write(piece: Uint8Array): Promise<void> | undefined;
  end(): void;
  next(): Promise<Uint8Array | undefined>;
  destroy(error?: Error): void;
}

/** Some servers send deflate without the zlib header that the standard asks for; its first byte tells. */
export function isRawDeflate(head: Uint8Array): boolean {
  return ((head[0] ?? 0) & 0x0f) !== 8;
}

export function createDecoder(codec: Codec, encoding: Encoding, head: Uint8Array): Decoder {
  const { z } = codec;
  if (encoding === "gzip") return overZlib(z.createGunzip());
  if (encoding === "br") return codec.webBrotli ? overWeb() : overZlib(z.createBrotliDecompress());
  return overZlib(isRawDeflate(head) ? z.createInflateRaw() : z.createInflate());
}

function overZlib(
  stream: zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress,
): Decoder {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  // The iterator tells of errors; between two of its steps nobody listens.
  stream.on("error", () => {});
  return {
    write: (piece) => stream.write(piece) ? undefined : drained(stream),
    end: () => void stream.end(),
    async next() {
      const { done, value } = await pieces.next();
      return done ? undefined : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    },
    destroy: (error) => void stream.destroy(error),
  };
}

function drained(stream: zlib.Gunzip | zlib.BrotliDecompress): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      stream.off("drain", go).off("close", go);
      resolve();
    };
    stream.on("drain", go).on("close", go);
  });
}

function overWeb(): Decoder {
  // "brotli" is younger than the type of the constructor's argument.
  const { readable, writable } = new DecompressionStream("brotli" as CompressionFormat);
  const reader = (readable as ReadableStream<Uint8Array>).getReader();
  const writer = writable.getWriter();
  return {
    async write(piece) {
      await writer.ready;
      // What goes wrong is told by the reader.
      writer.write(piece as BufferSource).catch(() => {});
    },
    end: () => void writer.close().catch(() => {}),
    next: async () => (await reader.read()).value,
    destroy: (error) => void writer.abort(error).catch(() => {}),
  };
}
