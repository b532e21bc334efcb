/** Tracing and metrics of calls, over whatever OpenTelemetry SDK the application has registered. */
export type { Telemetry } from "./contract.ts";
export { telemetry } from "./registered.ts";
export { traced, until } from "./traced.ts";
