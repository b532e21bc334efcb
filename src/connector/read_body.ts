/** Whole response bodies, bounded. */
import { joinBytes } from "../core/bytes.ts";
import { badAnswer } from "../core/errors.ts";

export async function readBytes(
  body: Uint8Array | ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body.length > maxBytes ? refuse(maxBytes) : body;
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > maxBytes) {
      reader.cancel().catch(() => {});
      refuse(maxBytes);
    }
    chunks.push(value);
  }
  return joinBytes(chunks, size);
}

const decoder = new TextDecoder();

export async function readText(
  body: Uint8Array | ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<string> {
  return decoder.decode(await readBytes(body, maxBytes));
}

/** For a body that nobody will read: frees what is behind it. */
export function discard(body: Uint8Array | ReadableStream<Uint8Array>): void {
  if (!(body instanceof Uint8Array) && !body.locked) body.cancel().catch(() => {});
}

function refuse(maxBytes: number): never {
  throw badAnswer(
    "response.too_large",
    `The response body has more than ${maxBytes} bytes: raise maxResponseBytes, or read it with asResponse()`,
    { origin: "local" },
  );
}
