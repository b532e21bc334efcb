/** Whole bodies out of streamed ones. */
import { joinBytes } from "../core/bytes.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";

/** Rejects with `response.too_large` (and ends the stream) above `maxBytes`. */
export function collect(
  body: Uint8Array | ReadableStream<Uint8Array>,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  if (!(body instanceof Uint8Array)) return drain(body, maxBytes);
  if (body.length > maxBytes) throw tooLarge(maxBytes);
  return body;
}

async function drain(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joinBytes(chunks, size);
    size += value.length;
    if (size > maxBytes) {
      const error = tooLarge(maxBytes);
      reader.cancel(error).catch(() => {});
      throw error;
    }
    chunks.push(value);
  }
}

function tooLarge(maxBytes: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "response.too_large",
    message:
      `The response body has more than ${maxBytes} bytes: read it with streamHTTP, or raise maxResponseBytes`,
    sent: "committed",
  });
}
