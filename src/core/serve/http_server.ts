/** Serving HTTP: the contract between a request handler and the runtime that accepts requests. */
import type { SocketAddress } from "../platform.ts";

export interface ServeHttpOptions {
  /** Port 0 picks a free one. A Unix socket is created 0600, by the same rules as the daemon's. */
  readonly address: SocketAddress;
  /**
   * Answers a request. `request.signal` aborts when the client leaves, and the response's stream is cancelled then. A stream
   * that errors ends the connection without a proper end, so the client notices.
   */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Called with what `fetch` threw and why a response stream broke. The client gets an empty 500, or a broken connection. Default: nothing. */
  readonly onError?: (error: unknown) => void;
}

export interface HttpServer {
  /** With the port that was actually taken. */
  readonly address: SocketAddress;
  /** `http://127.0.0.1:8787`, without a trailing slash; for a Unix socket `unix:/path`. */
  readonly url: string;
  /**
   * Stops accepting, lets open responses finish for at most `graceMs` (default 5,000), then cuts off the rest. Idempotent: a later
   * call with a shorter time shortens the wait.
   */
  stop(graceMs?: number): Promise<void>;
}

/** Rejects with `listen.in_use`, `listen.denied`, `listen.not_found` and the like. */
export type ServeHttp = (options: ServeHttpOptions) => Promise<HttpServer>;

export function httpUrl(address: SocketAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `http://${host}:${address.port}`;
}
