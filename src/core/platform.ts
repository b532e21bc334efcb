/**
 * What a runtime (Bun, Deno, Node, workerd, a browser) provides to the universal code. One implementation per folder in
 * src/platform; the import condition `#platform` picks it, and every option that takes a Platform lets a caller pass
 * another. Implementations load their runtime's modules on first use, so importing the library touches nothing.
 */
import type { CallSignal } from "./async/call_signal.ts";
import type { HeaderList, Transport } from "./call.ts";
import type { Clock } from "./clock.ts";
import type { NatsAddress } from "./pool/nats_address.ts";
import type { PinnedAddress } from "./rules/pinned_address.ts";
import type { DatabaseDrivers } from "./database/driver.ts";

export interface Platform {
  readonly name: "bun" | "deno" | "node" | "workerd" | "web";
  /** Opens a stream socket. Rejects with a ConnectorError (`connect.refused`, `connect.not_found`, `connect.timeout`). */
  dial(
    address: SocketAddress,
    handlers: SocketHandlers,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<ByteSocket>;
  /** Reaches a daemon over these sockets, connecting on demand; absent where there are none. */
  openDaemon?(address: SocketAddress, options: DaemonConnection): Promise<Transport>;
  /** Reaches the members of a pool over NATS; absent where there are no sockets. */
  openPool?(address: NatsAddress, options: DaemonConnection): Promise<Transport>;
  /** Upstream HTTP for the embedded engine. `close` releases its pool. */
  createUpstream(options: UpstreamOptions): Promise<Upstream>;
  /** Databases for the embedded engine; absent where there are none. */
  createDatabases?(): Promise<DatabaseDrivers>;
  /**
   * Whether there is a Unix socket at the path that belongs to the user of this process or to root, so that nobody else can pose as
   * the runtime behind it. Absent where there are no such sockets.
   */
  ownsSocket?(path: string): Promise<boolean>;
  /** A file's text in UTF-8. Absent where there are no files. */
  readText?(path: string | URL): Promise<string>;
  /** An environment variable; undefined if it is not set or may not be read. */
  env(name: string): string | undefined;
}

export interface DaemonConnection {
  readonly clock: Clock;
  /** Tried if nothing answers at the address. */
  readonly fallback?: SocketAddress | undefined;
  readonly token?: string | undefined;
  /** Time limit for the socket and for the greeting, each, in milliseconds. */
  readonly connectTimeoutMs: number;
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

/** A connected byte stream, callback style: the cheapest interface that Bun sockets and node:net have in common. */
export interface ByteSocket {
  /**
   * Takes as many bytes as fit and returns how many; if it took fewer than given, wait for `drain`, then offer the rest.
   * The socket owns the bytes it took; the caller must not change them afterwards.
   */
  write(bytes: Uint8Array): number;
  /** Stops and restarts `data`, to slow down the peer. */
  pause(): void;
  resume(): void;
  /** Sends what was taken, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** Whether the open socket keeps the process alive; initially it does. Absent if the runtime cannot control it. */
  keepAlive?(on: boolean): void;
}

export interface SocketHandlers {
  /** The bytes are valid only during the call: copy what must be kept. */
  data(bytes: Uint8Array): void;
  /** There is room for writing again. */
  drain(): void;
  /** Called once, whoever closed it. */
  close(error?: Error): void;
}

/** One HTTP exchange: no redirects, no retries, no cookies. */
export interface UpstreamRequest {
  readonly method: string;
  readonly url: URL;
  /** Connect here, whatever the URL's host resolves to. Absent: the platform resolves (workerd, browsers). */
  readonly pinned?: PinnedAddress | undefined;
  readonly headers: HeaderList;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  readonly signal: CallSignal;
  readonly connectTimeoutMs: number;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /**
   * Decoded (gzip, deflate, br), and then without content-encoding and content-length. Whole if it is small and its length
   * was announced, else a stream; cancelling it closes or frees the socket.
   */
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

export interface Upstream {
  /** Resolves at the response head. Rejects with a ConnectorError that says how far the request got. */
  exchange(request: UpstreamRequest): PromiseLike<UpstreamResponse>;
  /** All addresses of a host and how long they may be kept; absent if the runtime resolves names by itself. */
  resolve?(host: string): Promise<readonly (PinnedAddress & { readonly ttlMs: number })[]>;
  /** Names that it resolves at the same time: more would wait for its threads. Absent: enough. */
  readonly lookupsAtOnce?: number | undefined;
  close(): Promise<void>;
}

export interface UpstreamOptions {
  /** Idle sockets kept per host. Default: 64. */
  readonly maxSocketsPerHost: number;
  /** Open sockets per host; further calls wait for their turn. Default: 4,096. */
  readonly maxOpenPerHost: number;
  /** An idle socket is closed after this time. Default: 30,000 ms. */
  readonly keepAliveMs: number;
  /** Largest ratio of decoded to encoded bytes. Default: 100. */
  readonly maxInflationRatio: number;
  /** Largest response head in bytes; it may have at most 1,000 fields. Default: 64 KiB. */
  readonly maxHeadBytes: number;
  /** A response with an announced length up to this is delivered whole. Default: 64 KiB. */
  readonly wholeBodyBytes: number;
  /** Certificate authorities (PEM) trusted besides the well-known ones, on runtimes that allow it. */
  readonly ca?: readonly string[];
}
