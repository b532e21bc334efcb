/** Reads whole bodies from streams, up to a limit. */
import { joinBytes } from "./bytes.ts";
import { cancelled } from "./async/within.ts";

export interface ReadLimits {
  /** Called with the size of each piece that is kept; if it throws, reading ends too. */
  readonly hold?: (bytes: number) => void;
  /** An abort cancels the stream and rejects with `call.cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** Above `maxBytes` the stream is cancelled and the error of `tooLarge` is thrown. */
export async function readLimited(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  tooLarge: () => unknown,
  { hold, signal }: ReadLimits = {},
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const stop = (reason: unknown) => void reader.cancel(reason).catch(() => {});
  const onAbort = () => stop(signal?.reason);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // Cancelling the stream looks like its end.
      if (signal?.aborted) throw cancelled(signal, "no");
      if (done) return joinBytes(chunks, size);
      size += value.length;
      try {
        if (size > maxBytes) throw tooLarge();
        hold?.(value.length);
      } catch (error) {
        stop(error);
        throw error;
      }
      chunks.push(value);
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The same for a request; one that announces too much is refused before any of it is read. */
export async function readRequest(
  request: Request,
  maxBytes: number,
  tooLarge: () => unknown,
): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  return request.body === null
    ? new Uint8Array(0)
    : await readLimited(request.body, maxBytes, tooLarge);
}

/** For a body that nobody will read: frees its source. */
export function discard(body: Uint8Array | ReadableStream<Uint8Array>, why?: string): void {
  if (!(body instanceof Uint8Array) && !body.locked) body.cancel(why).catch(() => {});
}
