/** What a connector needs of a runtime: one method. `RuntimeClient` has it; so has any object of a test. */
import type { CallPolicy, CallReply, HeaderList } from "../core/call.ts";

/** A call as connectors hand it over. What is left out is the runtime's to fill in. */
export interface RuntimeCall {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Id of the connector. */
  readonly connector: string;
  /** Id of the operation. */
  readonly operation: string;
  readonly timeoutMs?: number | undefined;
  readonly tenantId?: string | undefined;
  readonly workspaceId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly policy?: CallPolicy | undefined;
}

export interface ConnectorRuntime {
  /** Rejects with a ConnectorError when there is no HTTP response, and resolves for every HTTP status. */
  call(request: RuntimeCall): Promise<CallReply>;
  close?(): Promise<void>;
}
