/** Distinguishes a body that is all there from one that is still being produced. */
import { joinBytes } from "../core/bytes.ts";

/** Above this a body is streamed even when all of it is there. */
const MAX_BYTES = 1024 * 1024;

/**
 * A Request hides whether its body was a string or a live stream, and servers differ in how they take a body without a
 * length. So: what can be read without waiting is sent whole, anything else is sent as a stream.
 */
export async function readKnown(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const pending = reader.read();
    const result = await Promise.race([pending, nextTask()]);
    if (result === undefined || size > MAX_BYTES) return resume(reader, chunks, pending);
    if (result.done) break;
    chunks.push(result.value);
    size += result.value.length;
  }
  return joinBytes(chunks, size);
}

/** Two turns of the event loop: runtimes hand over in-memory bodies within them. */
function nextTask(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => setTimeout(() => resolve(undefined), 0), 0));
}

function resume(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  chunks: readonly Uint8Array[],
  pending: ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]>,
): ReadableStream<Uint8Array> {
  let next: typeof pending | undefined = pending;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    async pull(controller) {
      const { done, value } = await (next ?? reader.read());
      next = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
