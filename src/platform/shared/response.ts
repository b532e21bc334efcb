/** What a head parsed by the runtime's own client says about its body, and what remains of it after decoding. */
import type { HeaderList } from "../../core/call.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { MAX_FIELDS } from "../../http1/head.ts";

/** What the head says about the body. */
export interface Head {
  /** As received, without fields that are wrong once the body is decoded. */
  readonly headers: [string, string][];
  /** Announced length of the body; undefined if unknown. */
  readonly length: number | undefined;
  readonly encoding: string | undefined;
}

/** Reads the head's fields once. @throws ConnectorError `response.head_too_large`. */
export function readHead(fields: Iterable<readonly [string, string]>, maxHeadBytes: number): Head {
  const headers: [string, string][] = [];
  let size = 0;
  let length: number | undefined;
  let encoding: string | undefined;
  let chunked = false;
  let count = 0;
  for (const [name, value] of fields) {
    if (++count > MAX_FIELDS) throw headTooLarge(`${MAX_FIELDS} fields`);
    size += name.length + value.length + 4;
    if (isHopByHop(name)) {
      if (name.length === 17) chunked = true;
      continue;
    }
    headers.push([name, value]);
    // The names are 14 and 16 letters long: most others are skipped without lower-casing them.
    if (name.length === 14 && name.toLowerCase() === "content-length") length = lengthOf(value);
    else if (name.length === 16 && name.toLowerCase() === "content-encoding") {
      encoding = encoding ? `${encoding}, ${value}` : value;
    }
  }
  if (size > maxHeadBytes) {
    throw headTooLarge(`${maxHeadBytes} bytes; the limit is maxHeadBytes`);
  }
  if (chunked && length !== undefined) throw badLength("beside a transfer-encoding");
  return { headers, length, encoding };
}

/** The end of a body must be unambiguous: the next response on the connection begins there. */
function lengthOf(value: string): number {
  if (!/^\d+$/.test(value)) throw badLength("that is not a number, or several");
  return Number(value);
}

function badLength(why: string): Error {
  return Object.assign(new Error(`a content-length ${why}`), { code: "InvalidContentLength" });
}

/** They describe the connection to the upstream, which is not the caller's. */
function isHopByHop(name: string): boolean {
  if (name.length !== 10 && name.length !== 17) return false;
  const lower = name.toLowerCase();
  return lower === "connection" || lower === "keep-alive" || lower === "transfer-encoding";
}

/** HEAD, 204 and 304 end with their head, whatever it announces; a 205 should be empty, but may have a body. */
export function hasNoBody(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}

/** Once decoded, the length and encoding in the head are wrong. */
export function withoutEncoding(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return lower !== "content-encoding" && lower !== "content-length";
  });
}

function headTooLarge(limit: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "response.head_too_large",
    message: `the upstream's response head is larger than ${limit}`,
    origin: "upstream",
    sent: "committed",
  });
}

/** Small bodies may compress arbitrarily well; the ratio applies above this size. */
const FREE_BYTES = 1024 * 1024;

/** Bytes that so many encoded ones may decode to. */
export function mostDecoded(encoded: number, ratio: number): number {
  return Math.max(FREE_BYTES, encoded * ratio);
}

export function inflated(ratio: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "response.inflated",
    message:
      `the response body decodes to more than ${ratio} times its size; the limit is maxInflationRatio`,
    origin: "upstream",
    sent: "committed",
  });
}

export const NO_BYTES: Uint8Array = new Uint8Array(0);
