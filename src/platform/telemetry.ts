/** An OpenTelemetry SDK for programs without one: `@vastar/connector/telemetry`. */
import process from "node:process";
import type { NodeSDK, NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { loadPackage } from "../core/optional_package.ts";

export interface TelemetryOptions {
  /** Overrides OTEL_SERVICE_NAME. */
  readonly serviceName?: string;
  /** Where spans go. Default: as OTEL_TRACES_EXPORTER says, else OTLP, or nowhere if only `metricReader` is given. */
  readonly exporter?: NonNullable<NodeSDKConfiguration["traceExporter"]>;
  /** Who collects the metrics. Default: as OTEL_METRICS_EXPORTER says, else OTLP, or nobody if only `exporter` is given. */
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
    // A collector that nobody named would hold up the end of the program for as long as it is tried again.
    ...(exporter
      ? { traceExporter: exporter }
      : metricReader && unnamed("TRACES") && { spanProcessors: [] }),
    ...(metricReader
      ? { metricReaders: [metricReader] }
      : exporter && unnamed("METRICS") && { metricReaders: [] }),
    // Only calls are instrumented, and nothing is sent that was not asked for.
    instrumentations: [],
  });
  sdk.start();
  return { shutdown: () => sdk.shutdown() };
}

/** Whether no variable says where these go. */
function unnamed(signal: "TRACES" | "METRICS"): boolean {
  const names = [
    `OTEL_${signal}_EXPORTER`,
    `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`,
    "OTEL_EXPORTER_OTLP_ENDPOINT",
  ];
  return names.every((name) => !process.env[name]);
}
