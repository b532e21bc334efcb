/** The options of a client, and of each call. */
import type { CallReply, CallRetry } from "../../core/call.ts";
import type { Keep } from "../../core/rules/keep.ts";
import type { Clock } from "../../core/clock.ts";
import type { Platform } from "../../core/platform.ts";
import type { ConnectorRuntime } from "./runtime.ts";

/** Common to the clients of all connectors; the fields of the connector's own `config` are options too. */
export interface ClientOptions {
  /**
   * Where calls are executed: a `RuntimeClient`, anything with its `call` method, or an address (`embedded:`, `unix:/path`,
   * `tcp://host:port`). A runtime passed as an object is not closed with the client. Default: `VASTAR_RUNTIME`, else the
   * engine in this process.
   */
  readonly runtime?: ConnectorRuntime | string | undefined;
  /**
   * `runtime`: the runtime holds the secrets of this API and adds them to its calls. None are required here, none are read from
   * the environment, and nothing is signed. Default: the configuration has them.
   */
  readonly credentials?: "runtime" | undefined;
  /** Replaces the server of the spec. */
  readonly baseURL?: string | { readonly [server: string]: string } | undefined;
  /** Sent with every call; a field given with the call wins, null removes the connector's own. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** Time limit of a whole call, body and stream included, in milliseconds. Default: the spec's, else the runtime's 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Default: the runtime's. */
  readonly tenantId?: string | undefined;
  /** Default: the runtime's. */
  readonly workspaceId?: string | undefined;
  /** Largest body that is read whole, in bytes. Default: 10 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** Largest single item of a stream, in bytes. Default: 10 MiB. */
  readonly maxEventBytes?: number | undefined;
  /**
   * Called for each failed attempt that will be repeated, as it happens; a call's own replaces it. Errors it throws are ignored. Never called with
   * `fetchRuntime()`, or by a daemon that only speaks the base protocol.
   */
  readonly onRetry?: ((retry: CallRetry) => void) | undefined;
  /** Called once with what the spec declares but this client's runtime does not support. Default: logs to the console. */
  readonly logger?: { warn(message: string): void } | undefined;
  /** Called when the token endpoint gives another refresh token, which is to be kept in place of the configured one. */
  readonly onRefreshToken?: ((token: string) => void) | undefined;
  /** Clock for tokens, signatures and webhooks. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Looks up the environment variables that the spec names. Default: the environment of the process, if there is one. */
  readonly env?: Platform["env"] | undefined;
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call and the work behind it. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of the whole call, body and stream included, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** A field replaces the connector's; null removes it. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** Additional query parameters, sent as they are. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Retries at most; 0: none. Default: the spec's. Has no effect with `fetchRuntime()`. */
  readonly retries?: number | undefined;
  /**
   * Sends the request again if no answer has started after this many milliseconds; the first good answer wins. For calls that may be
   * repeated. Default: the spec's. Has no effect with `fetchRuntime()`.
   */
  readonly hedgeAfterMs?: number | undefined;
  /** Lets the API recognise a repeated call. Default: generated for each call if the spec says so. */
  readonly idempotencyKey?: string | undefined;
  /**
   * Called for each failed attempt that will be repeated, as it happens. Errors it throws are ignored. Never called with
   * `fetchRuntime()`, or by a daemon that only speaks the base protocol.
   */
  readonly onRetry?: ((retry: CallRetry) => void) | undefined;
  readonly tenantId?: string | undefined;
  readonly workspaceId?: string | undefined;
  readonly traceId?: string | undefined;
  /** W3C trace context of the caller. */
  readonly traceparent?: string | undefined;
  /** Keeps a streamed answer in the runtime, for a caller who may lose the connection. */
  readonly keep?: KeptCall | undefined;
}

export interface KeptCall extends Keep {
  /** Sees the reply before its body is read, and may put itself in between. */
  onReply(reply: CallReply): CallReply;
}

/** Options of a call whose body can be sent in several forms: the type says which input goes with which. */
export interface BodyOptions<T extends string> extends CallOptions {
  /** Media type of the body. Default: the first in the spec. */
  readonly contentType?: T | undefined;
}
