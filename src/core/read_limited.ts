/** Reads whole bodies from streams, up to a limit. */
import { joinBytes } from "./bytes.ts";

/**
 * Above `maxBytes` the stream is cancelled and the error of `tooLarge` is thrown. `hold` is called with the size of each piece that is
 * kept; if it throws, reading ends too.
 */
export async function readLimited(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  tooLarge: () => unknown,
  hold?: (bytes: number) => void,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joinBytes(chunks, size);
    size += value.length;
    try {
      if (size > maxBytes) throw tooLarge();
      hold?.(value.length);
    } catch (error) {
      reader.cancel(error).catch(() => {});
      throw error;
    }
    chunks.push(value);
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
