/** Whole response bodies, bounded. */
import { badAnswer, type ConnectorError } from "../../core/errors.ts";
import { readLimited } from "../../core/read_limited.ts";

export async function readBytes(
  body: Uint8Array | ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const tooLarge = (): ConnectorError => responseTooLarge(maxBytes);
  if (!(body instanceof Uint8Array)) return await readLimited(body, maxBytes, tooLarge);
  if (body.length > maxBytes) throw tooLarge();
  return body;
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

function responseTooLarge(maxBytes: number): ConnectorError {
  return badAnswer(
    "response.too_large",
    `The response body has more than ${maxBytes} bytes: raise maxResponseBytes, or read it with asResponse()`,
    { origin: "local" },
  );
}
