/** Serves HTTP with node:http: on Node, and wherever else node:http exists. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ListenOptions } from "node:net";
import { type HttpServer, httpUrl, type ServeHttpOptions } from "../../core/serve/http_server.ts";
import { toListenError } from "../../daemon/listen/listen_error.ts";
import { takeSocketFile } from "../../daemon/listen/socket_file.ts";
import { gracefulStop } from "../graceful.ts";
import { sendResponse } from "./serve_response.ts";

export async function serveHttp(options: ServeHttpOptions): Promise<HttpServer> {
  const { address } = options;
  if (address.kind === "unix") {
    const file = await takeSocketFile(address.path, (path) => open(options, { path }), shut);
    return {
      address,
      url: httpUrl(address),
      stop: gracefulStop(
        () => file.release().then(() => finish(file.bound)),
        () => file.bound.closeAllConnections(),
      ),
    };
  }
  const server = await open(options, { host: address.host, port: address.port }).catch(
    (error: unknown) => {
      throw toListenError(error, address);
    },
  );
  const bound = server.address();
  const taken = {
    ...address,
    port: typeof bound === "object" && bound !== null ? bound.port : address.port,
  };
  return {
    address: taken,
    url: httpUrl(taken),
    stop: gracefulStop(() => finish(server), () => server.closeAllConnections()),
  };
}

function open(options: ServeHttpOptions, where: ListenOptions): Promise<Server> {
  const onError = options.onError ?? (() => {});
  return new Promise((resolve, reject) => {
    const server = createServer((incoming, outgoing) => {
      // If kept alive for another request, the connection would hold up a stopping server.
      outgoing.once("close", () => {
        if (!server.listening) setImmediate(() => server.closeIdleConnections());
      });
      void answer(incoming, outgoing, options.fetch, onError);
    });
    // A streamed answer may take longer than any fixed limit; the limit for the head of a request stays.
    server.requestTimeout = 0;
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      server.on("error", onError);
      resolve(server);
    });
  });
}

function finish(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function shut(server: Server): Promise<void> {
  const done = finish(server);
  server.closeAllConnections();
  await done;
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: ServeHttpOptions["fetch"],
  onError: (error: unknown) => void,
): Promise<void> {
  const left = new AbortController();
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) left.abort(new DOMException("The client left.", "AbortError"));
  });
  try {
    // fetch does not have such requests; TRACE would also show a page the headers that a proxy adds.
    if (UNKNOWN_TO_FETCH.has(incoming.method ?? "")) {
      outgoing.writeHead(405).end();
      return;
    }
    const request = toRequest(incoming, left.signal);
    if (request === undefined) {
      outgoing.writeHead(400).end();
      return;
    }
    await sendResponse(
      await handler(request),
      outgoing,
      incoming.method === "HEAD",
      left.signal,
      onError,
    );
  } catch (error) {
    onError(error);
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500).end();
  }
}

const UNKNOWN_TO_FETCH: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * The target, always on the host of the Host header: resolved like a link, a target of `//name/path` would
 * name a host itself and bypass the check.
 */
function urlOf({ url = "/", headers }: IncomingMessage): URL | undefined {
  const host = headers.host || "localhost";
  const path = url.startsWith("/") ? url : URL.parse(url)?.href.replace(/^https?:\/\/[^/]*/, "");
  if (path === undefined || !path.startsWith("/") || /[/?#@\\]/.test(host)) return undefined;
  return URL.parse(`http://${host}${path}`) ?? undefined;
}

/** Undefined if target and Host header do not form a URL. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const url = urlOf(incoming);
  if (url === undefined) return undefined;
  const headers = new Headers();
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
  }
  const method = incoming.method ?? "GET";
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(incoming);
  return new Request(url, {
    method,
    headers,
    signal,
    ...(body === null ? {} : { body, duplex: "half" }),
  });
}

/** A pull-driven view of the body: unread bytes stay in the socket. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    cancel() {
      // The rest is read and discarded, so that the answer can still be sent on this connection.
      incoming.resume();
    },
  }, { highWaterMark: 0 });
}
