/**
 * An HTTP/1.1 server over raw sockets that can misbehave in every way a real upstream does. Tests start one on port 0
 * and name the behaviour by path; see {@link routes} for the list.
 *
 *     const upstream = await startUpstream();
 *     await fetch(`${upstream.url}/chunks?n=3`);
 *     await upstream.close();
 */
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type ReceivedRequest, RequestReader } from "./upstream_reader.ts";
import { routes } from "./upstream_routes.ts";

export type { ReceivedRequest };

export interface UpstreamServerOptions {
  /** Address to listen on. Default: `127.0.0.1`. */
  readonly host?: string;
  /** PEM key and certificate: speak TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface UpstreamServer {
  /** `http://127.0.0.1:port`, without a trailing slash. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Every request whose head has arrived, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections accepted since the start. */
  readonly connections: number;
  /** Connections open now. */
  readonly open: number;
  /** The newest request to this path; waits up to two seconds for it. */
  request(path: string): Promise<ReceivedRequest>;
  close(): Promise<void>;
}

export async function startUpstream(options: UpstreamServerOptions = {}): Promise<UpstreamServer> {
  const host = options.host ?? "127.0.0.1";
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const accept = (socket: Socket): void => {
    connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    const reader = new RequestReader(socket, (request) => {
      requests.push(request);
      const route = routes[request.path] ?? routes["/not-found"];
      route?.(request, socket);
    });
    socket.on("data", (bytes: Uint8Array) => reader.push(bytes));
    socket.on("close", () => {
      sockets.delete(socket);
      reader.closed();
    });
  };
  const server: Server = options.tls
    ? createTlsServer({ ...options.tls }, accept)
    : createTcpServer(accept);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const port = (server.address() as AddressInfo).port;
  const authority = host.includes(":") ? `[${host}]` : host;

  return {
    url: `${options.tls ? "https" : "http"}://${authority}:${port}`,
    host,
    port,
    requests,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    async request(path) {
      await until(() => requests.some((r) => r.path === path), `a request to ${path}`);
      return requests.findLast((r) => r.path === path) as ReceivedRequest;
    },
    async close() {
      const done = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await done;
    },
  };
}

/** Waits for a condition; fails after `timeoutMs` (default 30 s) saying what it waited for. */
export async function until(
  condition: () => boolean,
  what: string,
  timeoutMs = 30_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
