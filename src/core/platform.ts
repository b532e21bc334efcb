/**
 * What a runtime (Bun, Deno, Node, workerd, a browser) gives to the universal code. One implementation a folder in
 * src/platform; the import condition `#platform` picks it, and every option that takes a Platform lets a caller pass
 * another. Implementations load their runtime's modules on first use, so importing the library touches nothing.
 */
import type { HeaderList } from "./call.ts";

export interface Platform {
  readonly name: "bun" | "deno" | "node" | "workerd" | "web";
  /** Opens a stream socket. Rejects with a ConnectorError (`connect.refused`, `connect.not_found`, `connect.timeout`). */
  dial(
    address: SocketAddress,
    handlers: SocketHandlers,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<ByteSocket>;
  /** Upstream HTTP for the embedded engine. `close` releases its pool. */
  createUpstream(options: UpstreamOptions): Promise<Upstream>;
  /** A variable of the environment; undefined where there is none or it may not be read. */
  env(name: string): string | undefined;
}

export type SocketAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** `unix:/run/vastar.sock`, `tcp://127.0.0.1:5000`, `tcp://[::1]:5000`. */
export function formatSocketAddress(address: SocketAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}

/** A connected byte stream, callback style: the cheapest thing that Bun sockets and node:net have in common. */
export interface ByteSocket {
  /**
   * Takes as many bytes as fit and returns how many it took; fewer than given means: wait for `drain`, then offer the rest.
   * Bytes taken are the socket's; the caller must not change them afterwards.
   */
  write(bytes: Uint8Array): number;
  /** Stops and restarts `data`; for peers that must be slowed down. */
  pause(): void;
  resume(): void;
  /** Sends what was taken, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** Whether the open socket keeps the process alive, which it does at first. Absent where the runtime cannot control it. */
  keepAlive?(on: boolean): void;
}

export interface SocketHandlers {
  /** The bytes are valid only during the call: copy what must be kept. */
  data(bytes: Uint8Array): void;
  /** Room for writing again. */
  drain(): void;
  /** Once, whoever closed it. */
  close(error?: Error): void;
}

/** An address that the egress policy has checked and that must be the one connected to. */
export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** One HTTP exchange: no redirects, no retries, no cookies. */
export interface UpstreamRequest {
  readonly method: string;
  readonly url: URL;
  /** Connect here, whatever the URL's host resolves to. Absent: the platform resolves (workerd, browsers). */
  readonly pinned?: PinnedAddress | undefined;
  readonly headers: HeaderList;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal;
  readonly connectTimeoutMs: number;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /**
   * Decoded (gzip, deflate, br) and then without content-encoding and content-length. Whole when it is small and its length
   * was announced, else a stream, whose cancellation closes or frees the socket.
   */
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

export interface Upstream {
  /** Resolves at the response head. Rejects with a ConnectorError that says how far the request got. */
  exchange(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** All addresses of a host with how long they may be kept; absent where the runtime resolves by itself. */
  resolve?(
    host: string,
    signal: AbortSignal,
  ): Promise<readonly (PinnedAddress & { readonly ttlMs: number })[]>;
  close(): Promise<void>;
}

export interface UpstreamOptions {
  /** Unused sockets kept a host. Default: 64. */
  readonly maxSocketsPerHost: number;
  /** Sockets open to a host at once; a call beyond waits for its turn. Default: 4,096. */
  readonly maxOpenPerHost: number;
  /** An unused socket is closed after this. Default: 30,000 ms. */
  readonly keepAliveMs: number;
  /** Decoded bytes may be at most this many times the encoded ones. Default: 100. */
  readonly maxInflationRatio: number;
  /** Size of a response head in bytes; of 1,000 fields at most, whatever their size. Default: 64 KiB. */
  readonly maxHeadBytes: number;
  /** A response with an announced length up to this is handed over whole. Default: 64 KiB. */
  readonly wholeBodyBytes: number;
  /** Certificate authorities (PEM) trusted besides the well-known ones. Where the runtime lets them be chosen. */
  readonly ca?: readonly string[];
}
