/** A response as the JSON that base clients expect. */
import { Buffer } from "node:buffer";
import type { HeaderList } from "../../core/call.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";

// A byte order mark is part of the text; without `ignoreBOM` it would be lost.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The fields in the order of the existing daemon. */
export function writeBaseResponse(
  status: number,
  headers: HeaderList,
  body: Uint8Array,
): Uint8Array {
  let text: string;
  let encoded: { body_base64: string; body_encoding: "base64" } | undefined;
  try {
    text = strict.decode(body);
  } catch {
    text = lossy.decode(body);
    const base64 = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64");
    encoded = { body_base64: base64, body_encoding: "base64" };
  }
  return encoder.encode(JSON.stringify({
    body: text,
    ...encoded,
    headers: joined(headers),
    is_streaming: false,
    status_code: status,
  }));
}

/** Repeats joined with a comma; several Set-Cookie, whose values contain commas, with a newline. */
function joined(headers: HeaderList): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (!Object.hasOwn(fields, key)) {
      // `__proto__` is a legal header name.
      if (key === "__proto__") {
        Object.defineProperty(fields, key, { value, enumerable: true, writable: true });
      } else fields[key] = value;
    } else fields[key] += (key === "set-cookie" ? "\n" : ", ") + value;
  }
  return fields;
}

export function tooLarge(maxBytes: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "response.too_large",
    message:
      `the response is larger than ${maxBytes} bytes, the limit for an answer in one piece; ` +
      "a session client can stream it",
    origin: "upstream",
    sent: "committed",
  });
}
