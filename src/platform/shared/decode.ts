/** Decodes bodies with node:zlib, which Bun, Deno and Node all have and which notices truncated bodies. */
import type * as zlib from "node:zlib";
import { type Codec, createDecoder, type Decoder, isRawDeflate } from "./decoder.ts";
import type { Encoding } from "./encodings.ts";
import { inflated, mostDecoded } from "./response.ts";

/** A whole body at once. */
export async function decodeWhole(
  codec: Codec,
  bytes: Uint8Array,
  encodings: readonly Encoding[],
): Promise<Uint8Array> {
  if (bytes.byteLength === 0) return bytes;
  if (codec.webBrotli && encodings.includes("br")) {
    const source = new Response(bytes as BodyInit).body as ReadableStream<Uint8Array>;
    return await new Response(decodeStream(codec, source, encodings)).bytes();
  }
  const limit = mostDecoded(bytes.byteLength, codec.ratio);
  let out = bytes;
  for (const encoding of encodings.toReversed()) {
    try {
      out = decodeSync(codec.z, encoding, out, limit);
    } catch (error) {
      if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") {
        throw inflated(codec.ratio);
      }
      throw error;
    }
  }
  // zlib returns a Buffer, possibly from a pool: the caller gets plain bytes.
  return new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
}

/** A stream, decoded as it is read. Its cancellation cancels the source. */
export function decodeStream(
  codec: Codec,
  source: ReadableStream<Uint8Array>,
  encodings: readonly Encoding[],
): ReadableStream<Uint8Array> {
  const counts: Counts = { encoded: 0 };
  return encodings.toReversed().reduce(
    (stream, encoding, layer) => decodeLayer(codec, stream, encoding, counts, layer === 0),
    source,
  );
}

interface Counts {
  encoded: number;
}

function decodeLayer(
  codec: Codec,
  source: ReadableStream<Uint8Array>,
  encoding: Encoding,
  counts: Counts,
  first: boolean,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let decoder: Decoder | undefined;
  let over = false;
  let decoded = 0;

  async function feed(into: Decoder, head: Uint8Array): Promise<void> {
    try {
      for (let piece: Uint8Array | undefined = head; piece !== undefined; piece = await next()) {
        await into.write(piece);
        if (over) return;
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

  function giveUp(reason: unknown): Promise<void> {
    over = true;
    decoder?.destroy();
    return reader.cancel(reason);
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (decoder === undefined) {
        const head = await next();
        // Announced as encoded but empty: there is nothing to decode.
        if (head === undefined) return controller.close();
        decoder = createDecoder(codec, encoding, head);
        void feed(decoder, head);
      }
      try {
        const piece = await decoder.next();
        if (piece === undefined) return controller.close();
        decoded += piece.byteLength;
        if (decoded > mostDecoded(counts.encoded, codec.ratio)) throw inflated(codec.ratio);
        controller.enqueue(piece);
      } catch (error) {
        // If decoding fails, the rest is not read either: the socket cannot be reused.
        giveUp(error).catch(() => {});
        throw error;
      }
    },
    cancel: giveUp,
  }, { highWaterMark: 0 });
}

function decodeSync(
  z: typeof zlib,
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
