/** Reads whole response bodies, bounded; at once if they have already arrived. */
import { chain } from "../../core/chain.ts";
import { badAnswer, type ConnectorError } from "../../core/errors.ts";
import { readLimited } from "../../core/read_limited.ts";

export function readBytes(
  body: Uint8Array | ReadableStream<Uint8Array>,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  const tooLarge = (): ConnectorError => responseTooLarge(maxBytes);
  if (!(body instanceof Uint8Array)) return readLimited(body, maxBytes, tooLarge);
  if (body.length > maxBytes) throw tooLarge();
  return body;
}

const decoder = new TextDecoder();

export function readText(
  body: Uint8Array | ReadableStream<Uint8Array>,
  maxBytes: number,
): string | Promise<string> {
  return chain(readBytes(body, maxBytes), (bytes) => decoder.decode(bytes));
}

function responseTooLarge(maxBytes: number): ConnectorError {
  return badAnswer(
    "response.too_large",
    `The response body has more than ${maxBytes} bytes: raise maxResponseBytes, or read it with asResponse()`,
    { origin: "local" },
  );
}
