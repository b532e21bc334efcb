/** Decodes what workerd's fetch leaves encoded: deflate, and bodies that are encoded more than once. */
import type { Encoding } from "../shared/encodings.ts";

type Bytes = ReadableStream<Uint8Array>;
type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]>>;

/** Whether fetch has decoded it. */
export function isDecoded(encodings: readonly Encoding[]): boolean {
  const [only] = encodings;
  return encodings.length === 1 && only !== "deflate";
}

/** Undefined if it cannot be decoded here: workerd decodes brotli in fetch only. */
export function decoded(encodings: readonly Encoding[], body: Bytes): Bytes | undefined {
  if (encodings.includes("br")) return undefined;
  return encodings.toReversed().reduce(
    (inner, encoding) => encoding === "gzip" ? through(inner, "gzip") : inflated(inner),
    body,
  );
}

/** With its zlib header, or without, as some servers send it. */
function inflated(body: Bytes): Bytes {
  const reader = body.getReader();
  let inner: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (inner === undefined) {
        const first = await reader.read();
        const format = first.value && !hasZlibHeader(first.value) ? "deflate-raw" : "deflate";
        inner = through(rest(first, reader), format).getReader();
      }
      const { done, value } = await inner.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => (inner ?? reader).cancel(reason),
  }, { highWaterMark: 0 });
}

function rest(
  first: Read,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Bytes {
  let next: Read | undefined = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = next ?? await reader.read();
      next = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** RFC 1950: method 8, and a check of both bytes. */
function hasZlibHeader([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}

function through(body: Bytes, format: CompressionFormat): Bytes {
  return body.pipeThrough(
    new DecompressionStream(format) as ReadableWritablePair<Uint8Array, Uint8Array>,
  );
}
