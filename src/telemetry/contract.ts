/** What the rest of the library knows about tracing and metrics; only one module knows what records them. */
import type { CallReply, CallRequest } from "../core/call.ts";
import type { DatabaseKind } from "../core/database/schemes.ts";

/** One span. Ended once; later ends change nothing. */
export interface CallSpan {
  /** W3C trace context to pass on; undefined if the span is not part of a trace. */
  readonly traceparent: string | undefined;
  answered(reply: Pick<CallReply, "status">): void;
  failed(error: unknown): void;
  /** Everything has arrived, or the rest is no longer wanted. */
  end(): void;
}

/** An attempt of a call, as the engine makes it. */
export interface Attempt {
  readonly connector: string;
  readonly operation: string;
  readonly method: string;
  readonly url: URL;
  /** What it asks, if that is a database. Nothing of the statement and its values is recorded. */
  readonly database?: DatabaseKind | undefined;
  /** 0 for the first one. */
  readonly resends: number;
  readonly parent: string | undefined;
}

/** A request that a worker answers. */
export interface Served {
  readonly method: string;
  readonly url: URL;
  readonly parent: string | undefined;
}

export interface ServedSpan extends CallSpan {
  /** The pattern that matched: `/connectors/:id`. */
  route(path: string): void;
}

/** A program's call of an engine beside it or of a runtime elsewhere; a call that such a runtime serves. */
export type Role = "internal" | "client" | "server";

/** A call of a language model. */
export interface Inference {
  /** The connector. */
  readonly provider: string;
  readonly operation: string;
  readonly model: string | undefined;
  readonly parent: string | undefined;
}

/** In tokens. */
export interface Usage {
  readonly input?: number;
  readonly output?: number;
  readonly cached?: number;
}

export interface InferenceSpan {
  readonly traceparent: string | undefined;
  /** The last one counts. */
  used(usage: Usage): void;
  failed(error: unknown): void;
  end(): void;
}

export interface Telemetry {
  inference(inference: Inference): InferenceSpan;
  call(request: CallRequest, role: Role): CallSpan;
  /** One HTTP request. */
  attempt(attempt: Attempt): CallSpan;
  request(request: Served): ServedSpan;
}
