/** Collects a streamed body into one piece. */
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { readLimited } from "../core/read_limited.ts";

/** Rejects with `response.too_large` (and ends the stream) above `maxBytes`. */
export function collect(
  body: Uint8Array | ReadableStream<Uint8Array>,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  if (!(body instanceof Uint8Array)) return readLimited(body, maxBytes, () => tooLarge(maxBytes));
  if (body.length > maxBytes) throw tooLarge(maxBytes);
  return body;
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
