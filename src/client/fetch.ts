/** WHATWG `fetch` on top of a client, so that SDKs which take a fetch function run through the runtime. */
import type { CallReply } from "../core/call.ts";
import { ConnectorError, invalidRequest } from "../core/errors.ts";
import { discard } from "../core/read_limited.ts";
import { abortable } from "./abortable.ts";
import type { BodyInput } from "./body.ts";
import { readKnown } from "./read_known.ts";
import type { ClientRequest } from "./request.ts";
import { webResponse } from "./web_response.ts";

/** Options that the runtime adds to RequestInit. */
export interface FetchInit extends RequestInit {
  /** Time limit of the whole exchange, in milliseconds. Default: the client's fetchTimeoutMs. */
  readonly timeoutMs?: number;
  /** Retries at most. Default: the client's `retries`, else 0, since libraries that take a fetch retry by themselves. */
  readonly retries?: number;
  readonly idempotencyKey?: string;
  /** W3C trace context of the caller. */
  readonly traceparent?: string;
}

export type FetchInput = string | URL | Request;
export type Fetch = (input: FetchInput, init?: FetchInit) => Promise<Response>;

interface FetchDefaults {
  readonly fetchTimeoutMs: number;
  readonly retries: number | undefined;
}

type Caller = (call: ClientRequest) => Promise<CallReply>;

/**
 * Rejects like the platform's own: with `signal.reason` when aborted, else with a TypeError whose `cause` is the
 * ConnectorError. Ignored, since a runtime is not a browser: cache, credentials, integrity, keepalive, mode, referrer.
 */
export function createFetch(call: Caller, usual: FetchDefaults): Fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    // Null removes the signal of a Request.
    const signal = (init?.signal === undefined ? request?.signal : init.signal) ?? undefined;
    signal?.throwIfAborted();
    const redirect = init?.redirect ?? request?.redirect ?? "follow";
    const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
    if ((method === "GET" || method === "HEAD") && init?.body != null) {
      throw new TypeError(`fetch failed: a ${method} request cannot have a body`);
    }
    const url = request?.url ?? absolute(input instanceof URL ? input.href : input as string);
    try {
      const reply = await call({
        method,
        url,
        headers: init?.headers === undefined ? request?.headers : new Headers(init.headers),
        body: init?.body == null ? await ownBody(request) : init.body as BodyInput,
        timeoutMs: init?.timeoutMs ?? usual.fetchTimeoutMs,
        retries: init?.retries ?? usual.retries ?? 0,
        signal,
        idempotencyKey: init?.idempotencyKey,
        traceparent: init?.traceparent,
        ...(redirect === "follow" ? {} : { policy: { maxRedirects: 0 } }),
      });
      if (redirect === "error" && isRedirect(reply)) {
        discard(reply.body, "redirect");
        throw invalidRequest("fetch.redirect", `${reply.status} redirect, and redirect is "error"`);
      }
      const response = webResponse(
        reply,
        webBody(reply.body, signal),
        STATUS_TEXT[reply.status],
      );
      Object.defineProperty(response, "url", { value: reply.url ?? url.split("#", 1)[0] });
      Object.defineProperty(response, "redirected", { value: reply.url !== undefined });
      return response;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (!(error instanceof ConnectorError)) throw error;
      throw new TypeError(`fetch failed: ${error.message}`, { cause: error });
    }
  };
}

function absolute(text: string): string {
  if (!URL.canParse(text)) {
    throw new TypeError(`fetch failed: ${JSON.stringify(text)} is not an absolute URL`);
  }
  return new URL(text).href;
}

async function ownBody(request: Request | undefined): Promise<BodyInput> {
  const body = request?.body ?? null;
  return body === null ? null : await readKnown(body);
}

function isRedirect(reply: CallReply): boolean {
  return [301, 302, 303, 307, 308].includes(reply.status) &&
    reply.headers.some(([name]) => name.toLowerCase() === "location");
}

/** With a signal, the body ends with its reason when it aborts, as readers of a fetch expect. */
function webBody(body: CallReply["body"], signal: AbortSignal | undefined): CallReply["body"] {
  return body instanceof Uint8Array || signal === undefined ? body : abortable(body, signal);
}

/** None travels over HTTP/2, and callers of `fetch` show them. */
const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  418: "I'm a teapot",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};
