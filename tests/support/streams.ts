/** Bodies for tests: bytes that arrive in the pieces a test wants. */

/** One chunk a pull, so that nothing is read ahead. */
export function chunked(
  chunks: readonly (string | Uint8Array)[],
  options: { readonly onCancel?: (reason: unknown) => void; readonly failWith?: unknown } = {},
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[at++];
      if (chunk !== undefined) {
        controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      } else if ("failWith" in options) controller.error(options.failWith);
      else controller.close();
    },
    cancel: (reason) => options.onCancel?.(reason),
  }, { highWaterMark: 0 });
}

/** The bytes of a text, cut into pieces of a size, in the middle of characters too. */
export function pieces(text: string, size: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.slice(at, at + size));
  return parts;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
