/** Tracing and metrics of calls, over whatever OpenTelemetry SDK the application has registered. */
export type { InferenceSpan, Telemetry, Usage } from "./contract.ts";
export { telemetry } from "./registered.ts";
export { recorderOf, registered } from "./slot.ts";
export { traced, until } from "./traced.ts";
