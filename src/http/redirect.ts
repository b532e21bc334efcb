/** Redirects as in the Fetch standard: which request comes next, and what must not travel with it. */
import { firstHeader } from "../core/headers.ts";
import type { Body, HeaderList } from "../core/call.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { staysAtHome } from "./credentials.ts";
import { parseUrl } from "./syntax.ts";

/** The part of a request that a redirect may change. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: HeaderList;
  readonly body: Body;
}

const CONTENT = /^content-/i;

/** Whether a response asks to go elsewhere. */
export function isRedirect(status: number): boolean {
  return status === 302 || status === 301 || status === 303 || status === 307 || status === 308;
}

/**
 * The next request, or undefined if there is no Location (the response is then the answer). `again` gives a streamed body from
 * its start; absent, it cannot be sent a second time.
 * @throws ConnectorError `redirect.bad_location`, `redirect.body_not_replayable`.
 */
export function nextHop(
  hop: Hop,
  status: number,
  responseHeaders: HeaderList,
  secretHeaders: readonly string[] = [],
  again?: () => Body,
): Hop | undefined {
  const location = firstHeader(responseHeaders, "location");
  if (location === undefined) return undefined;
  const url = target(location, hop.url, status);

  const toGet = status === 303
    ? hop.method !== "GET" && hop.method !== "HEAD"
    : (status === 301 || status === 302) && hop.method === "POST";
  const streamed = !toGet && hop.body instanceof ReadableStream;
  if (streamed && again === undefined) {
    throw new ConnectorError({
      errorClass: ErrorClass.Permanent,
      code: "redirect.body_not_replayable",
      message:
        `${hop.url.host} answered ${status} to a ${hop.method} with a streamed body that cannot be sent a second time; ` +
        `send the body whole, or call ${url.origin}${url.pathname} directly`,
      origin: "upstream",
      sent: "committed",
      status,
    });
  }
  const crossOrigin = url.origin !== hop.url.origin;
  const headers = hop.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    if (toGet && CONTENT.test(lower)) return false;
    if (lower === "host") return false;
    return !crossOrigin || !staysAtHome(lower, secretHeaders);
  });
  const method = toGet ? "GET" : hop.method;
  return { url, method, headers, body: streamed ? again?.() ?? null : toGet ? null : hop.body };
}

export function tooManyRedirects(max: number, last: URL): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "redirect.too_many",
    message: `more than ${max} redirects, the last to ${last.host}`,
    origin: "upstream",
    sent: "committed",
  });
}

export function hiddenRedirect(url: URL): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "redirect.hidden",
    message:
      `${url.host} answered with a redirect, and browsers hide where it leads; call the final URL directly`,
    origin: "upstream",
    sent: "committed",
  });
}

function target(location: string, base: URL, status: number): URL {
  const joined = URL.parse(asUtf8(location), base);
  try {
    // Checked like a caller's own URL: schemes, userinfo.
    if (joined !== null) return parseUrl(joined.href);
  } catch (error) {
    throw badLocation(base, status, error instanceof Error ? error.message : "", error);
  }
  throw badLocation(base, status, "its Location cannot be parsed", undefined);
}

/** Headers are read as Latin-1, but a Location that is not ASCII is UTF-8, as browsers read it too. */
function asUtf8(location: string): string {
  if (!/[\x80-\xff]/.test(location) || /[^\0-\xff]/.test(location)) return location;
  const bytes = Uint8Array.from(location, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return location;
  }
}

function badLocation(base: URL, status: number, why: string, cause: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "redirect.bad_location",
    message: `${base.host} answered ${status}, but ${why}`,
    origin: "upstream",
    sent: "committed",
    status,
    cause,
  });
}
