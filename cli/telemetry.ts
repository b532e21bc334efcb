/** Telemetry of a program that serves: on when the environment asks for it, as OpenTelemetry's variables do. */
import { type ConfiguredTelemetry, configureTelemetry } from "../src/platform/telemetry.ts";
import type { CommandIo } from "./command.ts";

const ASKING = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  "OTEL_TRACES_EXPORTER",
  "OTEL_METRICS_EXPORTER",
];

/** @throws ConnectorError `package.missing`. */
export async function startTelemetry(
  { env }: CommandIo,
  serviceName: string,
): Promise<ConfiguredTelemetry | undefined> {
  const asked = ASKING.some((name) => (env(name) ?? "none") !== "none");
  if (!asked || env("OTEL_SDK_DISABLED") === "true") return undefined;
  return await configureTelemetry(env("OTEL_SERVICE_NAME") ? {} : { serviceName });
}
