/** The daemon's figures as Prometheus text, with names after the OpenTelemetry conventions. */
import { errorClassName } from "../core/errors.ts";
import type { EngineStats } from "../engine/engine.ts";
import type { DaemonStats } from "./connection/shared.ts";

export interface MetricsInput {
  readonly daemon: DaemonStats;
  readonly engine: EngineStats | undefined;
  readonly uptimeMs: number;
  readonly residentBytes: number | undefined;
}

type Sample = readonly [labels: string, value: number];

export function prometheusText(input: MetricsInput): string {
  const { daemon, engine } = input;
  const lines: string[] = [];
  const metric = (
    name: string,
    type: "gauge" | "counter" | "summary",
    help: string,
    ...samples: Sample[]
  ): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`${name}${labels} ${value}`);
  };
  metric("vastar_connections", "gauge", "Open client connections.", ["", daemon.connections]);
  metric("vastar_sessions", "gauge", "Of these, sessions.", ["", daemon.sessions]);
  metric("vastar_connections_total", "counter", "Connections accepted.", [
    "",
    daemon.connectionsTotal,
  ]);
  metric(
    "vastar_connections_refused_total",
    "counter",
    "Connections sent away: too many, or without a valid token.",
    ["", daemon.connectionsRefused],
  );
  metric("vastar_frames_refused_total", "counter", "Frames that could not be read.", [
    "",
    daemon.framesRefused,
  ]);
  metric("vastar_buffered_bytes", "gauge", "Held in memory by all connections.", [
    "",
    daemon.bufferedBytes,
  ]);
  metric("vastar_buffered_bytes_limit", "gauge", "The most that they may hold.", [
    "",
    daemon.maxBufferedBytes,
  ]);
  metric(
    "vastar_connections_shed_total",
    "counter",
    "Connections that held most when others had no room.",
    ["", daemon.connectionsShed],
  );
  metric(
    "vastar_calls_overloaded_total",
    "counter",
    "Calls refused or ended at a limit that all connections share.",
    ["", daemon.callsOverloaded],
  );
  metric("vastar_calls_active", "gauge", "Calls of clients that are not over.", [
    "",
    daemon.callsActive,
  ]);
  metric(
    "vastar_calls_total",
    "counter",
    "Calls of clients that are over; Success is any HTTP response.",
    ...daemon.callsByClass.map((count, index): Sample => [
      `{error_class="${errorClassName(index)}"}`,
      count,
    ]),
  );
  if (engine !== undefined) {
    const finished = Object.values(engine.byClass).reduce((sum, count) => sum + count, 0);
    metric("http_client_active_requests", "gauge", "Upstream calls that are not over.", [
      "",
      engine.active,
    ]);
    metric(
      "vastar_upstream_calls_total",
      "counter",
      "Upstream calls that are over; a response counts by its status.",
      ...Object.entries(engine.byClass).map(([name, count]): Sample => [
        `{error_class="${name}"}`,
        count,
      ]),
    );
    const duration = "http_client_request_duration_seconds";
    lines.push(
      `# HELP ${duration} From arrival to the last byte.`,
      `# TYPE ${duration} summary`,
      `${duration}_sum ${engine.durationMs / 1000}`,
      `${duration}_count ${finished}`,
    );
    metric("http_client_response_body_bytes_total", "counter", "Response bytes, decoded.", [
      "",
      engine.bytesIn,
    ]);
    metric("http_client_request_body_bytes_total", "counter", "Request bytes.", [
      "",
      engine.bytesOut,
    ]);
  }
  metric("process_uptime_seconds", "gauge", "Since the daemon started.", [
    "",
    input.uptimeMs / 1000,
  ]);
  if (input.residentBytes !== undefined) {
    metric("process_memory_usage_bytes", "gauge", "Resident memory.", ["", input.residentBytes]);
  }
  return lines.join("\n") + "\n";
}
