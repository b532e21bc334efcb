/** The source of a request body, read as long as its call needs it. */
import type { SentCall } from "./sent_call.ts";

/** The source is cancelled as soon as the call ends, even while a read is pending. */
export async function* chunksOf(
  body: Uint8Array | ReadableStream<Uint8Array>,
  call: SentCall,
): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) return yield body;
  const reader = body.getReader();
  const give = (reason?: unknown) => void reader.cancel(reason).catch(() => {});
  call.whenOver(give);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError(
        `a chunk of type ${typeof value}, where bytes (Uint8Array) belong`,
      );
      give(error);
      throw error;
    }
    yield value;
  }
}
