/** WHATWG `fetch` on top of a client, so that SDKs which take a fetch function run through the runtime. */
import type { CallReply } from "../core/call.ts";
import { ConnectorError, invalidRequest } from "../core/errors.ts";
import { abortable } from "./abortable.ts";
import type { BodyInput } from "./body.ts";
import { readKnown } from "./read_known.ts";
import type { ClientCall } from "./request.ts";

/** What the runtime adds to a RequestInit. */
export interface FetchInit extends RequestInit {
  /** For the whole exchange. Milliseconds; default: the client's fetchTimeoutMs. */
  readonly timeoutMs?: number;
  /** How often the runtime repeats it at most. Default: the client's `retries`, else 0: whoever takes a fetch has retries of its own. */
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

type Caller = (call: ClientCall) => Promise<CallReply>;

/**
 * Rejects like the platform's own: with `signal.reason` when aborted, else with a TypeError whose `cause` is the
 * ConnectorError. Ignored, since a runtime is not a browser: cache, credentials, integrity, keepalive, mode, referrer.
 */
export function createFetch(call: Caller, usual: FetchDefaults): Fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    // Null takes the signal of a Request away.
    const signal = (init?.signal === undefined ? request?.signal : init.signal) ?? undefined;
    signal?.throwIfAborted();
    const redirect = init?.redirect ?? request?.redirect ?? "follow";
    const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
    if ((method === "GET" || method === "HEAD") && init?.body != null) {
      throw new TypeError(`fetch failed: a ${method} request has no body`);
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
        discard(reply, "redirect");
        throw invalidRequest("fetch.redirect", `${reply.status} redirect, and redirect is "error"`);
      }
      return toWebResponse(reply, url, signal);
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

function discard(reply: CallReply, why: string): void {
  if (!(reply.body instanceof Uint8Array)) reply.body.cancel(why).catch(() => {});
}

/** Statuses that may have no body, by the Fetch standard. */
const NULL_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

function toWebResponse(reply: CallReply, url: string, signal: AbortSignal | undefined): Response {
  const headers = new Headers();
  for (const [name, value] of reply.headers) append(headers, name, value);
  const empty = NULL_BODY.has(reply.status);
  if (empty) discard(reply, "a response without a body");
  // The constructor takes 200 to 599 only; other statuses exist and are passed on.
  const standard = reply.status >= 200 && reply.status <= 599;
  const response = new Response(empty ? null : webBody(reply.body, signal) as BodyInit, {
    status: standard ? reply.status : 200,
    statusText: STATUS_TEXT[reply.status] ?? "",
    headers,
  });
  if (!standard) {
    Object.defineProperty(response, "status", { value: reply.status });
    Object.defineProperty(response, "ok", { value: false });
  }
  Object.defineProperty(response, "url", { value: reply.url ?? url.split("#", 1)[0] });
  Object.defineProperty(response, "redirected", { value: reply.url !== undefined });
  return response;
}

/** With a signal, the body ends with its reason when it aborts, as readers of a fetch expect. */
function webBody(body: CallReply["body"], signal: AbortSignal | undefined): CallReply["body"] {
  return body instanceof Uint8Array || signal === undefined ? body : abortable(body, signal);
}

/** A field that is legal on the wire and not in a WHATWG Headers must not cost the whole response. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    try {
      headers.append(name, encodeURI(value));
    } catch {
      // Not even a field name: nobody could ask for it.
    }
  }
}

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
