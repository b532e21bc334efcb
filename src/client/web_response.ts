/** A reply as a WHATWG Response. */
import type { CallReply } from "../core/call.ts";
import { discard } from "../core/read_limited.ts";

/** Statuses that must not have a body, by the Fetch standard. */
const NULL_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** `body`: null leaves it out, for a reply whose body was already read. */
export function webResponse(reply: CallReply, body: CallReply["body"] | null): Response {
  const headers = new Headers();
  for (const [name, value] of reply.headers) append(headers, name, value);
  const empty = NULL_BODY.has(reply.status);
  if (empty && body !== null) discard(body, "a response without a body");
  // The constructor takes 200 to 599 only; other statuses exist and are passed on.
  const standard = reply.status >= 200 && reply.status <= 599;
  const response = new Response(empty ? null : body as BodyInit | null, {
    status: standard ? reply.status : 200,
    statusText: STATUS_TEXT[reply.status] ?? "",
    headers,
  });
  if (!standard) {
    Object.defineProperty(response, "status", { value: reply.status });
    Object.defineProperty(response, "ok", { value: false });
  }
  return response;
}

/** A field that is legal on the wire but not in WHATWG Headers must not cost the whole response. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    try {
      headers.append(name, encodeURI(value));
    } catch {
      // Not even a valid field name: nobody could look it up.
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
