/** The JSON that base carries inside its frames. */
import type { CallReply, CallRequest } from "../../core/call.ts";
import { ConnectorError, ErrorClass, invalidRequest } from "../../core/errors.ts";
import { MAX_FRAME_BYTES } from "../../wire/mod.ts";

const encoder = new TextEncoder();
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Most bytes of the frame's fields besides the payload. */
const FRAME_ROOM = 64 * 1024;

/** Throws `base.binary_body` or `base.body_too_large` for what base cannot carry. */
export function encodeBasePayload(request: CallRequest, body: Uint8Array): Uint8Array {
  const payload = encoder.encode(JSON.stringify({
    method: request.method,
    url: request.url,
    headers: joined(request.headers),
    ...(body.length > 0 ? { body: bodyText(body) } : {}),
    timeout_ms: Math.ceil(request.timeoutMs),
  }));
  if (payload.length + FRAME_ROOM > MAX_FRAME_BYTES) {
    throw tooLarge(`The request takes ${payload.length} bytes`);
  }
  return payload;
}

/** For a streamed body, of which nobody knows how much is still to come. */
export function bodyTooLarge(maxBytes: number): ConnectorError {
  return tooLarge(`The streamed request body has more than ${maxBytes} bytes`);
}

function tooLarge(found: string): ConnectorError {
  return invalidRequest(
    "base.body_too_large",
    `${found}, and this runtime speaks only the base protocol, whose frames are limited to ${MAX_FRAME_BYTES} bytes: ` +
      "send less, or use a runtime that speaks the session protocol",
  );
}

function bodyText(body: Uint8Array): string {
  try {
    return strict.decode(body);
  } catch (cause) {
    throw invalidRequest(
      "base.binary_body",
      "The request body is not UTF-8 text and this runtime speaks only the base protocol, which carries text: " +
        "encode the body, or use a runtime that speaks the session protocol",
      cause,
    );
  }
}

function joined(headers: CallRequest["headers"]): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, value] of headers) {
    const before = Object.hasOwn(record, name) ? record[name] : undefined;
    record[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return record;
}

interface BaseResponse {
  readonly status_code?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly body?: unknown;
  readonly body_encoding?: unknown;
  readonly body_base64?: unknown;
}

/** Throws `base.bad_response` if the payload does not follow the protocol. */
export function decodeBasePayload(
  payload: Uint8Array,
  requestId: string,
  durationUs: number,
): CallReply {
  const response = parse(payload);
  const status = response.status_code;
  if (typeof status !== "number") throw badResponse("it has no status_code");
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    // Several Set-Cookie arrive joined with a newline; a comma is part of their dates.
    const values = name.toLowerCase() === "set-cookie"
      ? String(value).split("\n")
      : [String(value)];
    for (const one of values) headers.push([name, one]);
  }
  return { requestId, status, headers, body: bodyBytes(response), attempts: 1, durationUs };
}

function parse(payload: Uint8Array): BaseResponse {
  let value: unknown;
  try {
    value = JSON.parse(lossy.decode(payload));
  } catch (cause) {
    throw badResponse("it is not JSON", cause);
  }
  if (typeof value !== "object" || value === null) throw badResponse("it is not a JSON object");
  return value;
}

function bodyBytes(response: BaseResponse): Uint8Array {
  if (response.body_encoding === "base64" && typeof response.body_base64 === "string") {
    return Uint8Array.from(atob(response.body_base64), (character) => character.charCodeAt(0));
  }
  return typeof response.body === "string" ? encoder.encode(response.body) : new Uint8Array(0);
}

function badResponse(found: string, cause?: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "base.bad_response",
    message: `The runtime's response cannot be read: ${found}`,
    sent: "committed",
    cause,
  });
}
