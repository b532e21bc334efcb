/** Decoding of bodies over node:zlib, which Bun, Deno and Node all have and which notices a truncated body. */
import type * as zlib from "node:zlib";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { Encoding } from "./encodings.ts";

export type Zlib = typeof zlib;

/** Small bodies may compress as well as they like; the ratio counts from here on. */
const FREE_BYTES = 1024 * 1024;

/** A whole body at once. */
export function decodeWhole(
  z: Zlib,
  bytes: Uint8Array,
  encodings: readonly Encoding[],
  ratio: number,
): Uint8Array {
  if (bytes.byteLength === 0) return bytes;
  const limit = Math.max(FREE_BYTES, bytes.byteLength * ratio);
  let out = bytes;
  for (const encoding of encodings.toReversed()) {
    try {
      out = decodeSync(z, encoding, out, limit);
    } catch (error) {
      if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw inflated(ratio);
      throw error;
    }
  }
  // zlib answers with a Buffer, maybe a part of a pool: the caller gets plain bytes.
  return new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
}

/** A stream, decoded as it is read. Its cancellation cancels the source. */
export function decodeStream(
  z: Zlib,
  source: ReadableStream<Uint8Array>,
  encodings: readonly Encoding[],
  ratio: number,
): ReadableStream<Uint8Array> {
  const counts: Counts = { encoded: 0, ratio };
  return encodings.toReversed().reduce(
    (stream, encoding, layer) => decodeLayer(z, stream, encoding, counts, layer === 0),
    source,
  );
}

interface Counts {
  encoded: number;
  readonly ratio: number;
}

function decodeLayer(
  z: Zlib,
  source: ReadableStream<Uint8Array>,
  encoding: Encoding,
  counts: Counts,
  first: boolean,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let decoder: Decoder | undefined;
  let pieces: AsyncIterator<Uint8Array> | undefined;
  let decoded = 0;

  async function feed(into: Decoder, head: Uint8Array): Promise<void> {
    try {
      let piece: Uint8Array | undefined = head;
      while (piece !== undefined) {
        if (!into.write(piece)) await drained(into);
        if (into.destroyed) return;
        piece = await next();
      }
      into.end();
    } catch (error) {
      into.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async function next(): Promise<Uint8Array | undefined> {
    const { done, value } = await reader.read();
    if (done) return undefined;
    if (first) counts.encoded += value.byteLength;
    return value;
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (decoder === undefined) {
        const head = await next();
        // Announced as encoded but empty: there is nothing to decode.
        if (head === undefined) return controller.close();
        decoder = createDecoder(z, encoding, head);
        pieces = decoder[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
        void feed(decoder, head);
      }
      const piece = await pieces?.next();
      if (piece === undefined || piece.done) return controller.close();
      decoded += piece.value.byteLength;
      if (decoded > FREE_BYTES && decoded > counts.encoded * counts.ratio) {
        const error = inflated(counts.ratio);
        decoder.destroy();
        reader.cancel(error).catch(() => {});
        throw error;
      }
      controller.enqueue(
        new Uint8Array(piece.value.buffer, piece.value.byteOffset, piece.value.byteLength),
      );
    },
    async cancel(reason) {
      decoder?.destroy();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

type Decoder = zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress;

/** Some servers send deflate without the zlib header that the standard asks for; its first byte tells. */
function isRawDeflate(head: Uint8Array): boolean {
  return ((head[0] ?? 0) & 0x0f) !== 8;
}

function createDecoder(z: Zlib, encoding: Encoding, head: Uint8Array): Decoder {
  if (encoding === "gzip") return z.createGunzip();
  if (encoding === "br") return z.createBrotliDecompress();
  return isRawDeflate(head) ? z.createInflateRaw() : z.createInflate();
}

function decodeSync(
  z: Zlib,
  encoding: Encoding,
  bytes: Uint8Array,
  maxOutputLength: number,
): Uint8Array {
  if (encoding === "gzip") return z.gunzipSync(bytes, { maxOutputLength });
  if (encoding === "br") return z.brotliDecompressSync(bytes, { maxOutputLength });
  return isRawDeflate(bytes)
    ? z.inflateRawSync(bytes, { maxOutputLength })
    : z.inflateSync(bytes, { maxOutputLength });
}

function drained(decoder: Decoder): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      decoder.off("drain", done).off("close", done);
      resolve();
    };
    decoder.on("drain", done).on("close", done);
  });
}

function inflated(ratio: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "response.inflated",
    message:
      `the response body decodes to more than ${ratio} times its size; the limit is maxInflationRatio`,
    origin: "upstream",
    sent: "committed",
  });
}
