/**
 * The seam of the whole system: what every caller passes and what every engine, transport and host returns.
 * Generated connectors, RuntimeClient, sockets, daemon and worker all use these two types.
 */
import type { ConnectorError } from "./errors.ts";
import type { Keep } from "./rules/keep.ts";
import type { HedgePolicy, RateLimitPolicy, RetryPolicy } from "./policy.ts";

/** Header fields in order, repeats kept (several Set-Cookie survive). Names as received; compare case-insensitively. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A whole body, a streamed one, or none. */
export type Body = Uint8Array | ReadableStream<Uint8Array> | null;

/** Hints from a connector or a caller; the operator's limits cap them (docs/runtime.md). Milliseconds. Absent: the engine's default. */
export interface CallPolicy {
  readonly connectTimeoutMs?: number;
  readonly firstByteTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  /** True when repeating the call does no harm even though its method is not idempotent. */
  readonly idempotent?: boolean;
  /** Lower-case names of headers that carry secrets: dropped across origins, never logged. */
  readonly secretHeaders?: readonly string[];
  /** Redirects to follow at most; 0 returns the redirect itself. */
  readonly maxRedirects?: number;
  /** As the connector declares it. */
  readonly retry?: RetryPolicy;
  /** Only takes effect if repeating the call does no harm. */
  readonly hedge?: HedgePolicy;
  /** As the connector declares it. */
  readonly rateLimit?: RateLimitPolicy;
}

export interface CallRequest {
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly traceId: string;
  /** `http` for raw calls, else the id of the connector. */
  readonly connector: string;
  /** `request` for raw calls, else the id of the operation. */
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: Body;
  /**
   * Time limit of the whole call, with queueing, attempts and body, in milliseconds. Relative, so that two machines need no
   * common clock: the engine turns it into a deadline on arrival.
   */
  readonly timeoutMs: number;
  /** Ends the call, and the work behind it. */
  readonly signal?: AbortSignal | undefined;
  /** Makes a POST safe to repeat if the API honours it. */
  readonly idempotencyKey?: string | undefined;
  /** The key was made for this call and nobody else has it, so an engine in this process keeps no answer for it. Not sent to a daemon. */
  readonly freshKey?: true | undefined;
  /** W3C trace context of the caller. */
  readonly traceparent?: string | undefined;
  readonly policy?: CallPolicy | undefined;
  /** Asked before bytes of a streamed body are kept for another attempt; false: do not keep them. Default: the engine's own limit. */
  readonly hold?: ((bytes: number) => boolean) | undefined;
  /** Called for each failed attempt that will be repeated, as it happens. Errors it throws are ignored. */
  readonly onRetry?: ((retry: CallRetry) => void) | undefined;
  /** Keeps a streamed answer for a caller who may lose the connection. */
  readonly keep?: Keep | undefined;
}

/** A failed attempt that will be repeated. */
export interface CallRetry {
  /** Attempts made so far: 1 for the first failure. */
  readonly attempts: number;
  /** Milliseconds until the next one. */
  readonly waitMs: number;
  /** Undefined if there was no response. */
  readonly status: number | undefined;
  /** Code of the error if there was no response: `connect.refused`. */
  readonly code: string | undefined;
}

/** A listener that fails does not fail the call. */
export function tellRetry({ onRetry }: Pick<CallRequest, "onRetry">, retry: CallRetry): void {
  try {
    onRetry?.(retry);
  } catch {
    // It is the caller's own, and there is nobody else to tell.
  }
}

/** Fields that the client can fill in. */
type Known = "tenantId" | "workspaceId" | "traceId" | "timeoutMs";

/** A call as a connector passes it to a runtime's client. The client fills in what is left out. */
export type RuntimeCall =
  & Omit<CallRequest, Known | "hold">
  & { readonly [Key in Known]?: CallRequest[Key] | undefined };

export interface CallReply {
  readonly requestId: string;
  readonly status: number;
  readonly headers: HeaderList;
  /** Whole if it is small and has already arrived, else streamed. A late failure errors the stream with a ConnectorError. */
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  /** Attempts made upstream: 1 when nothing was repeated. */
  readonly attempts: number;
  /** Of these, hedges: sent while others were not answered yet. Absent: none. */
  readonly hedges?: number;
  /** Time from arrival at the engine to the response head, in microseconds. */
  readonly durationUs: number;
  /** Time spent between attempts, in microseconds. Absent: none. */
  readonly waitedUs?: number;
  /** Time spent in the runtime's own queues (rate limits, places), in microseconds. Absent: none. */
  readonly queuedUs?: number;
  /** The URL that answered when redirects were followed, without fragment and user name; absent: the URL of the call. */
  readonly url?: string;
  /** The body is kept by the runtime under the id of the call's `keep`. Absent: it is not. */
  readonly kept?: true;
}

export interface Health {
  readonly healthy: boolean;
  readonly message: string;
  readonly activeRequests: number;
  readonly availableCredits: number;
}

/** How a call that was made later has ended. */
export type JobResult =
  | { readonly reply: CallReply; readonly error?: undefined }
  | { readonly error: ConnectorError; readonly reply?: undefined };

/**
 * Anything that can execute calls: the engine in this process, or a daemon behind a socket. A client knows nothing else.
 * `call` rejects with a ConnectorError if there is no HTTP response, and resolves for every HTTP status.
 */
export interface Transport {
  /** `embedded:`, `unix:/path`, `tcp://host:port` or `nats://host/pool`. */
  readonly address: string;
  /** The protocol: in-process calls, the session protocol, or the base protocol of the existing daemon. */
  readonly protocol: "embedded" | "session" | "base" | "unconnected";
  /** Idempotent, shared by concurrent callers. `call` connects on demand. */
  connect(): Promise<void>;
  call(request: CallRequest): Promise<CallReply>;
  health(): Promise<Health>;
  /**
   * Reads the result of a call that was made later: an answer, or its failure. Absent where none can be made, so that programs
   * without sockets do not carry the wire.
   */
  readJobResult?(bytes: Uint8Array): JobResult;
  /** Idempotent. Calls in flight end with `client.closed`. */
  close(): Promise<void>;
}
