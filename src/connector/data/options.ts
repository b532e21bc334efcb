/** What callers may say when they make a client, and with each call. */
import type { Clock } from "../../core/clock.ts";
import type { Platform } from "../../core/platform.ts";
import type { ConnectorRuntime } from "./runtime.ts";

/** Common to the clients of all connectors; the fields of the connector's own `config` stand beside these. */
export interface ClientOptions {
  /**
   * Where calls are executed: a `RuntimeClient`, anything with its `call` method, or an address (`embedded:`, `unix:/path`,
   * `tcp://host:port`). A runtime that is handed over is not closed with the client. Default: `VASTAR_RUNTIME`, else the
   * engine in this process.
   */
  readonly runtime?: ConnectorRuntime | string | undefined;
  /**
   * `runtime`: the runtime holds the secrets of this API and puts them into its calls. None is asked for here, none is taken from
   * the environment, and nothing is signed. Default: the configuration has them.
   */
  readonly credentials?: "runtime" | undefined;
  /** In place of the server of the spec. */
  readonly baseURL?: string | { readonly [server: string]: string } | undefined;
  /** Sent with every call; a field given with the call wins, null leaves the connector's own out. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** For a whole call, body and stream included. Milliseconds. Default: what the spec says, else the runtime's 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Default: the runtime's. */
  readonly tenantId?: string | undefined;
  /** Default: the runtime's. */
  readonly workspaceId?: string | undefined;
  /** Largest body that is read whole. Default: 10 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** Largest single item of a stream, in bytes. Default: 10 MiB. */
  readonly maxEventBytes?: number | undefined;
  /** For tokens, signatures and webhooks. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Looks up the environment variables that the spec names. Default: the environment of the process, where there is one. */
  readonly env?: Platform["env"] | undefined;
}

/** Of one call. */
export interface CallOptions {
  /** Ends the call and the work behind it. */
  readonly signal?: AbortSignal | undefined;
  /** For the whole call, body and stream included. Milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** A field replaces the connector's; null leaves it out. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** Further query parameters, as they are. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** How often a failed call is repeated at most; 0: never. Default: what the spec says. Without effect on `fetchRuntime()`. */
  readonly retries?: number | undefined;
  /** Lets the API recognise a repeated call. Default: made for each call where the spec says so. */
  readonly idempotencyKey?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly workspaceId?: string | undefined;
  readonly traceId?: string | undefined;
  /** W3C trace context of the caller. */
  readonly traceparent?: string | undefined;
}

/** Of a call whose body can be sent in several forms: the type says which input goes with which. */
export interface BodyOptions<T extends string> extends CallOptions {
  /** Media type of the body. Default: the first that the spec gives. */
  readonly contentType?: T | undefined;
}
