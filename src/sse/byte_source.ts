/** Chunks of a body, whole or streamed; an AbortSignal can end them. */
import { inPieces } from "../core/bytes.ts";

/** A whole body or one that is still arriving. */
export type ByteBody = Uint8Array | ReadableStream<Uint8Array>;

export interface ByteSource {
  /** The next chunk; undefined at the end. Rejects with the reason once the signal is aborted. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the stream behind it. Idempotent. */
  cancel(reason?: unknown): Promise<void>;
}

/** Small, so that the items of a large body do not all exist at once. */
const PIECE_BYTES = 64 * 1024;

export function byteSource(body: ByteBody, signal?: AbortSignal): ByteSource {
  const reader = (body instanceof Uint8Array ? inPieces(body, PIECE_BYTES) : body).getReader();
  let over = false;
  // Cancelling settles a read that is waiting, which nothing else would.
  const abort = (): void => {
    reader.cancel(signal?.reason).catch(() => {});
  };
  const finish = (): void => {
    over = true;
    signal?.removeEventListener("abort", abort);
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  return {
    read: async () => {
      signal?.throwIfAborted();
      if (over) return undefined;
      try {
        const { done, value } = await reader.read();
        signal?.throwIfAborted();
        if (done) finish();
        return value;
      } catch (error) {
        finish();
        throw error;
      }
    },
    cancel: async (reason) => {
      if (over) return;
      finish();
      await reader.cancel(reason);
    },
  };
}
