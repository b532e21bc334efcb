/** The daemon's figures as Prometheus text, with names after the OpenTelemetry conventions. */
import { errorClassName } from "../core/errors.ts";
import type { AdmissionFigures, EngineStats } from "../engine/engine.ts";
import type { DaemonStats } from "./connection/shared.ts";

export interface MetricsInput {
  readonly daemon: DaemonStats;
  readonly engine: EngineStats | undefined;
  readonly admission: AdmissionFigures | undefined;
  readonly uptimeMs: number;
  readonly residentBytes: number | undefined;
}

type Sample = readonly [labels: string, value: number];
type Metric = (
  name: string,
  type: "gauge" | "counter" | "summary",
  help: string,
  ...samples: Sample[]
) => void;

export function prometheusText(input: MetricsInput): string {
  const { daemon, engine } = input;
  const lines: string[] = [];
  const metric: Metric = (name, type, help, ...samples) => {
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
  if (input.admission !== undefined) admissionMetrics(input.admission, metric);
  metric("process_uptime_seconds", "gauge", "Since the daemon started.", [
    "",
    input.uptimeMs / 1000,
  ]);
  if (input.residentBytes !== undefined) {
    metric("process_memory_usage_bytes", "gauge", "Resident memory.", ["", input.residentBytes]);
  }
  return lines.join("\n") + "\n";
}

function admissionMetrics({ rates, bulkhead, quotas }: AdmissionFigures, metric: Metric): void {
  metric(
    "vastar_rate_limit_queued",
    "gauge",
    "Calls that wait for a rate limit.",
    ...rates.map(({ limit, queued }): Sample => [labels({ limit }), queued]),
  );
  metric(
    "vastar_rate_limit_refused_total",
    "counter",
    "Calls refused by a rate limit, or let pass in shadow mode.",
    ...rates.map(({ limit, refused }): Sample => [labels({ limit }), refused]),
  );
  if (bulkhead !== undefined) {
    metric("vastar_bulkhead_active", "gauge", "Places taken.", ["", bulkhead.active]);
    metric("vastar_bulkhead_queued", "gauge", "Calls that wait for a place.", [
      "",
      bulkhead.queued,
    ]);
    metric("vastar_bulkhead_refused_total", "counter", "Calls refused for want of a place.", [
      "",
      bulkhead.refused,
    ]);
  }
  if (quotas.used.length === 0) return;
  metric(
    "vastar_quota_left",
    "gauge",
    "What is left of a tenant's quota.",
    ...quotas.used.map(({ tenantId, period, what, limit, used }): Sample => [
      labels({ tenant: tenantId, period, kind: what }),
      Math.max(0, limit - used),
    ]),
  );
  metric("vastar_quota_refused_total", "counter", "Calls refused by a quota.", [
    "",
    quotas.refused,
  ]);
}

/** Callers choose the names of tenants: quotes, backslashes and line feeds must not break out of a label. */
function labels(values: Readonly<Record<string, string>>): string {
  const all = Object.entries(values).map(([name, value]) =>
    `${name}="${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`
  );
  return `{${all.join(",")}}`;
}
