/** Serves HTTP with Bun.serve. */
import { type HttpServer, httpUrl, type ServeHttpOptions } from "../../core/serve/http_server.ts";
import { toListenError } from "../../daemon/listen/listen_error.ts";
import { takeSocketFile } from "../../daemon/listen/socket_file.ts";
import { gracefulStop } from "../graceful.ts";

type Server = Bun.Server<undefined>;

/** Seconds without a byte after which an idle connection is closed. */
const IDLE_SECONDS = 60;

export async function serveHttp(options: ServeHttpOptions): Promise<HttpServer> {
  const { address } = options;
  const onError = options.onError ?? (() => {});
  const handlers = {
    async fetch(request: Request, server: Server): Promise<Response> {
      // Streams are idle as long as their upstream is; the engine limits that.
      server.timeout(request, 0);
      const whole = withHost(request);
      if (whole === undefined) return new Response(null, { status: 400 });
      const response = await options.fetch(whole);
      // A body with a content-length is whole; wrapping it would only make Bun send it in chunks.
      return response.headers.has("content-length") || response.body === null
        ? response
        : new Response(reporting(response.body, onError), response);
    },
    error(error: unknown): Response {
      onError(error);
      return new Response(null, { status: 500 });
    },
  };
  if (address.kind === "unix") {
    const bind = (unix: string) => Promise.resolve(Bun.serve({ ...handlers, unix }));
    const file = await takeSocketFile(address.path, bind, (server) => server.stop(true));
    return {
      address,
      url: httpUrl(address),
      stop: gracefulStop(
        () => file.release().then(() => file.bound.stop()),
        () => file.bound.stop(true),
      ),
    };
  }
  try {
    const server = Bun.serve({
      ...handlers,
      idleTimeout: IDLE_SECONDS,
      hostname: address.host,
      port: address.port,
      reusePort: false,
    });
    const taken = { ...address, port: server.port ?? address.port };
    return {
      address: taken,
      url: httpUrl(taken),
      stop: gracefulStop(() => server.stop(), () => server.stop(true)),
    };
  } catch (error) {
    throw toListenError(error, address);
  }
}

/** Undefined if Bun leaves the URL relative because the Host header is missing, as HTTP/1.0 allows, or invalid. */
function withHost(request: Request): Request | undefined {
  const { url } = request;
  if (!url.startsWith("/")) return request;
  return request.headers.has("host") ? undefined : new Request(`http://localhost${url}`, request);
}

/**
 * Reports a stream's failure and then fails without a reason: Bun prints reasons to stderr by itself, with whatever
 * they contain, and breaks the connection either way.
 */
function reporting(
  body: ReadableStream<Uint8Array>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (left) return;
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (left) return;
        onError(error);
        controller.error(undefined);
      }
    },
    cancel(reason: unknown) {
      left = true;
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
