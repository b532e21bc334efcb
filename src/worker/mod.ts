/** Connectors over HTTP, on any runtime with the fetch API. */
export { createWorker, type Worker } from "./app.ts";
export type { Mistake } from "../schema/explain.ts";
export type { CheckResult, Readiness } from "./health.ts";
export { openApiDocument } from "./openapi.ts";
export type { ConnectorConfig, WorkerOptions, WorkerRuntime } from "./options.ts";
export type { Problem } from "./problem.ts";
