/** Serves HTTP with Bun.serve. */
import { type HttpServer, httpUrl, type ServeHttpOptions } from "../../core/serve/http_server.ts";
import { toListenError } from "../../daemon/listen/listen_error.ts";
import { takeSocketFile } from "../../daemon/listen/socket_file.ts";
import { gracefulStop } from "../graceful.ts";
import { IDLE_SECONDS, whileAnswering } from "./idle.ts";

type Server = Bun.Server<undefined>;

export async function serveHttp(options: ServeHttpOptions): Promise<HttpServer> {
  const { address } = options;
  const onError = options.onError ?? (() => {});
  const handlers = {
    async fetch(request: Request, server: Server): Promise<Response> {
      const whole = withHost(request);
      return whole === undefined
        ? new Response(null, { status: 400 })
        : await whileAnswering(request, server, () => options.fetch(whole), onError);
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
