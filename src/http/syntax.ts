/** Checks the form of a request before anything is done with it. */
import type { HeaderList } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";

/**
 * The methods that all runtimes can send. Bun silently turns a method it does not know into GET, so an unknown one must
 * never reach it; CONNECT and TRACK are refused as the Fetch standard does, TRACE because fetch-based hosts cannot send it.
 */
const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "QUERY",
  "LINK",
  "UNLINK",
  "PROPFIND",
  "PROPPATCH",
  "MKCOL",
  "COPY",
  "MOVE",
  "LOCK",
  "UNLOCK",
  "SEARCH",
  "REPORT",
  "PURGE",
]);

/** The method as it goes on the wire. @throws ConnectorError `request.method`. */
export function checkMethod(method: string): string {
  if (METHODS.has(method)) return method;
  const upper = method.toUpperCase();
  if (METHODS.has(upper)) return upper;
  throw invalidRequest(
    "request.method",
    `method ${quoted(method)} is not supported.${didYouMean(upper, METHODS)}` +
      ` Supported: ${[...METHODS].join(", ")}.`,
  );
}

// Control characters and spaces: the URL parser silently strips or encodes some, which hides what was meant.
const BAD_IN_URL = /[\x00-\x20\x7f\\]/;

/** @throws ConnectorError `request.url`, `request.scheme`, `request.userinfo`. */
export function parseUrl(text: string): URL {
  if (BAD_IN_URL.test(text)) {
    throw invalidRequest(
      "request.url",
      `the URL holds ${nameOfBad(text, true)}; percent-encode it or take it out`,
    );
  }
  const url = URL.parse(text);
  if (url === null) {
    throw invalidRequest(
      "request.url",
      "the URL cannot be parsed; it must be absolute, like https://api.example.com/v1",
    );
  }
  // The common case is recognised from the text: reading a URL object's properties creates new strings.
  const plain = (text.startsWith("https://") || text.startsWith("http://")) &&
    text.length <= MAX_HOST && !text.includes("@") && !text.includes(":0");
  return plain ? url : checkParts(url);
}

/** The longest name in DNS (RFC 1035). */
const MAX_HOST = 253;

function checkParts(url: URL): URL {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw invalidRequest(
      "request.scheme",
      `the URL's scheme is ${quoted(url.protocol.slice(0, -1))}; it must be http or https`,
    );
  }
  if (url.hostname.length > MAX_HOST + 1) {
    throw invalidRequest(
      "request.url",
      `the URL's host is ${url.hostname.length} characters long; a name has at most ${MAX_HOST}`,
    );
  }
  if (url.port === "0") {
    throw invalidRequest("request.url", "the URL's port is 0; a port is 1 to 65535");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalidRequest(
      "request.userinfo",
      "the URL carries a user name or password; send an Authorization header instead",
    );
  }
  return url;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const BAD_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws ConnectorError `request.header_name`, `request.header_value`. */
export function checkHeaders(headers: HeaderList): void {
  for (let i = 0; i < headers.length; i++) {
    const field = headers[i];
    if (field === undefined) continue;
    const [name, value] = field;
    if (!TOKEN.test(name)) {
      throw invalidRequest(
        "request.header_name",
        `header name ${quoted(name)} is not a token (RFC 9110, 5.6.2)`,
      );
    }
    if (BAD_IN_VALUE.test(value)) {
      // The value is not shown: it may be a secret.
      throw invalidRequest(
        "request.header_value",
        `the value of header ${quoted(name)} holds ${nameOfBad(value)}`,
      );
    }
  }
}

function nameOfBad(text: string, inUrl = false): string {
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char === "\r") return "a carriage return (CR)";
    if (char === "\n") return "a line feed (LF)";
    if (char === "\0") return "a NUL";
    if (inUrl && char === "\\") return "a backslash";
    if (inUrl && char === " ") return "a space";
    if (!inUrl && char === "\t") continue;
    if (code < 0x20 || code === 0x7f) {
      return `the control character 0x${code.toString(16).padStart(2, "0")}`;
    }
  }
  return "a character outside Latin-1";
}

/** Quoted, escaped and truncated: the only form in which input goes into messages. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
