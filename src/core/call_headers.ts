/** The options of a call that are sent to the API as request headers. */
import type { CallRequest } from "./call.ts";
import { firstHeader } from "./headers.ts";

type Announced = Pick<CallRequest, "headers" | "connector" | "idempotencyKey" | "traceparent">;

/** Used if nothing else is declared (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_HEADER = "Idempotency-Key";

/** W3C Trace Context, 3.2: later versions may continue after the flags; version ff and identifiers of zeros are not valid. */
const TRACEPARENT =
  /^(?!ff|00.{54}|..-0{32}|.{36}0{16})[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]{1,200})?$/;

/**
 * The request with its `traceparent` and, for a raw call, its idempotency key as headers; a connector has written the key into
 * the header that its spec declares. A header that the caller set is kept. A malformed `traceparent` is left out, as the
 * W3C requires: broken tracing must not fail the call.
 */
export function withCallHeaders<Request extends Announced>(request: Request): Request {
  const { traceparent, idempotencyKey, headers } = request;
  // Most calls have neither.
  if (!traceparent && !idempotencyKey) return request;
  const added: [string, string][] = [];
  if (
    traceparent && isTraceparent(traceparent) && firstHeader(headers, "traceparent") === undefined
  ) {
    added.push(["traceparent", traceparent]);
  }
  if (
    idempotencyKey && request.connector === "http" &&
    firstHeader(headers, IDEMPOTENCY_HEADER) === undefined
  ) added.push([IDEMPOTENCY_HEADER, idempotencyKey]);
  return added.length === 0 ? request : { ...request, headers: [...headers, ...added] };
}

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The caller's span, 16. */
  readonly parentId: string;
}

export function traceContext(traceparent: string | undefined): TraceContext | undefined {
  if (!traceparent || !isTraceparent(traceparent)) return undefined;
  return { traceId: traceparent.slice(3, 35), parentId: traceparent.slice(36, 52) };
}

export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text);
}
