/** The routes of the worker as Hono's RPC client sees them. */
import type { ConnectorDescription, ConnectorSummary, OperationDescription } from "./describe.ts";
import type { Readiness } from "./health.ts";

// An interface would not do: what Hono infers needs the implicit index signature of a type.
type Answer<Input, Output, Status extends number = 200> = {
  input: Input;
  output: Output;
  outputFormat: "json";
  status: Status;
};

interface OneConnector {
  param: { id: string };
}

interface OneOperation {
  param: { id: string; operation: string };
}

/** A failure is a `Problem` on every route. */
export type WorkerSchema = {
  "/livez": { $get: Answer<object, { status: "ok" }> };
  "/readyz": { $get: Answer<object, Readiness, 200 | 503> };
  "/connectors": { $get: Answer<object, { connectors: ConnectorSummary[] }> };
  "/connectors/:id": { $get: Answer<OneConnector, ConnectorDescription> };
  "/connectors/:id/:operation": {
    $get: Answer<OneOperation, OperationDescription>;
    /** The input of the operation; its result is what `GET` describes, so it has no type here. */
    $post: Answer<OneOperation & { json?: unknown; query?: { all: string } }, unknown>;
  };
  "/connectors/:id/:operation/streams/:stream": {
    $delete: {
      input: { param: OneOperation["param"] & { stream: string } };
      output: null;
      outputFormat: "body";
      status: 204;
    };
  };
};
