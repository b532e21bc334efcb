/** What serves the tools: the connectors, and what may be said of their failures. A worker is one, and so is `vastar mcp`. */
import type { OperationDefinition } from "../connector/definition/definition.ts";
import type { Problem } from "../worker/problem/problem.ts";
import type { Registry } from "../worker/registry.ts";

export interface McpHost {
  readonly registry: Registry;
  /** What a caller may know of a failure; the log gets the rest. */
  failure(thrown: unknown, requestId: string): Problem;
}

/** A host whose connectors are loaded when they are first needed. */
export interface McpSource {
  /** Ids of the connectors. */
  readonly connectors: readonly string[];
  /** How many operations they have. */
  readonly operations: number;
  open(): Promise<McpHost> | McpHost;
}

/** Who asks. */
export interface McpCaller {
  /** Whose calls these are. Default: that of the connector's configuration, else the runtime's. */
  readonly tenantId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Of a caller that is a single request. Default: a new one for each call. */
  readonly requestId?: string | undefined;
  /** Which connectors are there at all. Default: all. */
  readonly sees?: ((connectorId: string) => boolean) | undefined;
  /** What else may not be seen; whether a call may be made is the engine's to say. Default: all may be. */
  readonly may?: ((connectorId: string, operation: OperationDefinition) => boolean) | undefined;
  /** Counts a call that came with others in one request, of which the first is counted already; the problem is one too many. */
  readonly countAnother?: (() => Problem | undefined) | undefined;
}
