/** The headers that the runtime removes from a request and adds to it. */
import type { HeaderList } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";
import { quoted } from "./syntax.ts";

/**
 * They describe one connection (RFC 9110, 7.6.1) or frame the message, so the runtime alone sets them: a caller's
 * transfer-encoding beside our content-length would be request smuggling.
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const ACCEPT_ENCODING: Field = ["accept-encoding", "gzip, deflate, br"];
const USER_AGENT: Field = ["user-agent", "vastar-connector"];
const LOWER = /^[^A-Z]*$/;

type Field = readonly [name: string, value: string];

/** The headers that are sent: hop-by-hop fields removed, `accept-encoding` and `user-agent` added. */
export function outgoingHeaders(
  headers: HeaderList,
  url: URL,
  body: Uint8Array | ReadableStream<Uint8Array> | null,
): Field[] {
  const out: Field[] = [];
  let acceptEncoding = false;
  let userAgent = false;
  let length: string | undefined;
  for (let i = 0; i < headers.length; i++) {
    const field = headers[i];
    if (field === undefined) continue;
    const lower = LOWER.test(field[0]);
    const name = lower ? field[0] : field[0].toLowerCase();
    if (HOP_BY_HOP.has(name)) continue;
    if (name === "host") {
      checkHost(field[1], url);
      continue;
    }
    if (name === "content-length") {
      // The length of a whole body is known; the caller's figure could only be wrong.
      if (!(body instanceof ReadableStream)) continue;
      checkLength(field[1], length);
      // Two of them, even equal ones, are how requests are smuggled past a proxy.
      if (length !== undefined) continue;
      length = field[1];
    } else if (name === "accept-encoding") acceptEncoding = true;
    else if (name === "user-agent") userAgent = true;
    out.push(lower ? field : [name, field[1]]);
  }
  if (!acceptEncoding) out.push(ACCEPT_ENCODING);
  if (!userAgent) out.push(USER_AGENT);
  return out;
}

/** A different Host would bypass a policy that was checked for the URL's host. */
function checkHost(value: string, url: URL): void {
  if (value.toLowerCase() === url.host || value.toLowerCase() === url.hostname) return;
  throw invalidRequest(
    "request.host_header",
    `header "host" is ${quoted(value)} but the URL's host is ${
      quoted(url.host)
    }; leave the header out`,
  );
}

function checkLength(value: string, before: string | undefined): void {
  const digits = /^\d{1,15}$/.test(value);
  if (digits && (before === undefined || before === value)) return;
  throw invalidRequest(
    "request.content_length",
    digits
      ? `header "content-length" is given as ${before} and as ${value}; give it once`
      : `header "content-length" is ${quoted(value)}; it must be digits`,
  );
}
