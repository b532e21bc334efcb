/** An OpenTelemetry SDK for programs without one: `@vastar/connector/telemetry`. */
import type { NodeSDK, NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { loadPackage } from "../core/optional_package.ts";

export interface TelemetryOptions {
  /** Overrides OTEL_SERVICE_NAME. */
  readonly serviceName?: string;
  /** Where spans go. Default: OTEL_TRACES_EXPORTER, else OTLP. */
  readonly exporter?: NonNullable<NodeSDKConfiguration["traceExporter"]>;
  /** Who collects the metrics. Default: OTEL_METRICS_EXPORTER. */
  readonly metricReader?: NonNullable<NodeSDKConfiguration["metricReaders"]>[number];
}

export interface ConfiguredTelemetry {
  /** Exports what is pending. Call it before the program ends. */
  shutdown(): Promise<void>;
}

/**
 * Registers the SDK of `@opentelemetry/sdk-node`, configured by the OTEL_* variables. Calls are traced from then on.
 * @throws ConnectorError `package.missing`: the package is optional, install it next to this one.
 */
export async function configureTelemetry(
  options: TelemetryOptions = {},
): Promise<ConfiguredTelemetry> {
  const { serviceName, exporter, metricReader } = options;
  const { NodeSDK } = await loadPackage(
    () => import("@opentelemetry/sdk-node"),
    "Telemetry needs",
    "@opentelemetry/sdk-node",
  );
  const sdk: NodeSDK = new NodeSDK({
    ...(serviceName !== undefined && { serviceName }),
    ...(exporter && { traceExporter: exporter }),
    ...(metricReader && { metricReaders: [metricReader] }),
    // Only calls are instrumented, and nothing is sent that was not asked for.
    instrumentations: [],
  });
  sdk.start();
  return { shutdown: () => sdk.shutdown() };
}
