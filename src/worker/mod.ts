/** Connectors over HTTP, on any runtime with the fetch API. */
export { createWorker, type Worker } from "./app.ts";
export type { Mistake } from "../schema/explain.ts";
export type { CheckResult, Readiness } from "./health.ts";
export { callOperation, type CallOperationOptions, InvalidInputError } from "./call_operation.ts";
export type {
  ConnectorDescription,
  ConnectorSummary,
  OperationDescription,
  OperationSummary,
} from "./describe.ts";
export type { WorkerPart } from "./part.ts";
export { consolePage } from "./parts/console_part.ts";
export { openApiDocument } from "./parts/openapi.ts";
export { openApi } from "./parts/openapi_part.ts";
export type { WorkerOptions } from "./options.ts";
export type { ConnectorConfig, WorkerRuntime } from "./serving_options.ts";
export type { Problem } from "./problem/problem.ts";
