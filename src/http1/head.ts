/** Parses the head of a response (RFC 9112, sections 2 to 6). Anything ambiguous is refused. */
import { headTooLarge, malformed } from "./errors.ts";
import { fieldName, Role } from "./names.ts";

export interface ResponseHead {
  readonly status: number;
  /** Names in lower case, without the fields that describe the connection. */
  readonly headers: [name: string, value: string][];
  /** From content-length; undefined without one. */
  readonly length: number | undefined;
  readonly chunked: boolean;
  /** From content-encoding. */
  readonly encoding: string | undefined;
  /** Whether the connection may be used for another exchange. */
  readonly persistent: boolean;
  /** How long the upstream keeps it idle, in ms, from its keep-alive header. */
  readonly keepMs: number | undefined;
}

/** Most fields of a head, and of a trailer. */
export const MAX_FIELDS = 1_000;

/** Lines that end with CR LF and contain no other CR, LF or control character. */
const LINES = /^(?:[\t\x20-\x7e\x80-\xff]*\r\n)+$/;
const SPACE = 0x20;
const TAB = 0x09;
const ZERO = 0x30;

/** @param text all lines, each with its CR LF, without the empty line. @throws AnswerError */
export function parseHead(text: string): ResponseHead {
  if (!LINES.test(text)) {
    throw malformed("a head with a bare CR or LF, a NUL or another control character");
  }
  const first = text.indexOf("\r\n");
  const status = statusOf(text, first);
  const headers: [string, string][] = [];
  let length: number | undefined;
  let chunked = false;
  let encoding: string | undefined;
  let connection: string | undefined;
  let keepAlive: string | undefined;
  let count = 0;
  for (let at = first + 2; at < text.length;) {
    const end = text.indexOf("\r\n", at);
    const colon = text.indexOf(":", at);
    if (colon < 0 || colon > end) throw malformed(noColon(text, at));
    if (++count > MAX_FIELDS) throw headTooLarge(`more than ${MAX_FIELDS} header fields`);
    const name = fieldName(text, at, colon);
    const value = trimmed(text, colon + 1, end);
    at = end + 2;
    switch (name.role) {
      case Role.ContentLength:
        if (length !== undefined) throw malformed("several content-length fields");
        length = lengthOf(value);
        break;
      case Role.TransferEncoding:
        if (chunked) throw malformed("several transfer-encoding fields");
        if (value.toLowerCase() !== "chunked") {
          throw malformed("a transfer-encoding other than chunked");
        }
        chunked = true;
        continue;
      case Role.Connection:
        connection = connection === undefined ? value : `${connection},${value}`;
        continue;
      case Role.KeepAlive:
        keepAlive = value;
        continue;
      case Role.ContentEncoding:
        encoding = encoding === undefined ? value : `${encoding}, ${value}`;
        break;
      case Role.None:
    }
    headers.push([name.text, value]);
  }
  const old = text.charCodeAt(7) === ZERO;
  if (chunked && length !== undefined) {
    throw malformed("a content-length beside a transfer-encoding");
  }
  if (chunked && old) throw malformed("a transfer-encoding in an answer of HTTP/1.0");
  return {
    status,
    headers,
    length,
    chunked,
    encoding,
    persistent: connection === undefined ? !old : isPersistent(connection, old),
    keepMs: keepAlive === undefined ? undefined : keepMsOf(keepAlive),
  };
}

/** `HTTP/1.1 200 OK`, `HTTP/1.0 200`: whatever follows the number is ignored. */
function statusOf(text: string, end: number): number {
  const minor = text.charCodeAt(7) - ZERO;
  if (!text.startsWith("HTTP/1.") || (minor !== 0 && minor !== 1) || text.charCodeAt(8) !== SPACE) {
    throw malformed("a status line that does not begin with HTTP/1.1 or HTTP/1.0");
  }
  const hundreds = text.charCodeAt(9) - ZERO;
  const tens = text.charCodeAt(10) - ZERO;
  const ones = text.charCodeAt(11) - ZERO;
  if (
    !isDigit(hundreds) || !isDigit(tens) || !isDigit(ones) ||
    (end !== 12 && text.charCodeAt(12) !== SPACE)
  ) throw malformed("a status that is not three digits");
  if (hundreds < 1 || hundreds > 5) throw malformed("a status outside 100 to 599");
  return hundreds * 100 + tens * 10 + ones;
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}

function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The end of a body must be unambiguous: the next answer on the connection begins there. */
function lengthOf(value: string): number {
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - ZERO;
    if (!isDigit(digit)) throw notANumber();
    length = length * 10 + digit;
  }
  if (value === "") throw notANumber();
  if (!Number.isSafeInteger(length)) throw malformed("a content-length beyond 2^53");
  return length;
}

function notANumber(): Error {
  return malformed("a content-length that is not one number");
}

function isPersistent(connection: string, old: boolean): boolean {
  const options = connection.toLowerCase().split(",").map((option) => option.trim());
  if (options.includes("close")) return false;
  return !old || options.includes("keep-alive");
}

function keepMsOf(value: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})(?!\d)/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

function noColon(text: string, at: number): string {
  return isBlank(text.charCodeAt(at))
    ? "a header field that is folded over several lines"
    : "a line of the head without a colon";
}
