/** The daemon's figures as Prometheus text, named by the OpenTelemetry conventions where there is one. */
import type { AdmissionFigures } from "../../engine/engine.ts";
import type { SharingFigures } from "../../engine/leases/sharing.ts";
import type { DaemonStats } from "../connection/shared.ts";
import type { Outcomes } from "./outcomes.ts";
import type { PoolFigures } from "../membership.ts";
import { writeDaemon } from "./daemon_text.ts";
import { writeEngine } from "./engine_text.ts";
import { writePool } from "./pool_text.ts";
import { writeSharing } from "./sharing_text.ts";
import { MetricText } from "./text.ts";

export interface MetricsInput {
  readonly daemon: DaemonStats;
  readonly pool?: PoolFigures | undefined;
  readonly sharing?: SharingFigures | undefined;
  readonly calls: Outcomes;
  /** Upstream calls in progress. */
  readonly active: number;
  readonly admission: AdmissionFigures;
  readonly uptimeMs: number;
  readonly residentBytes: number;
}

export function prometheusText(input: MetricsInput): string {
  const text = new MetricText();
  writeDaemon(text, input.daemon);
  if (input.pool !== undefined) writePool(text, input.pool);
  if (input.sharing !== undefined) writeSharing(text, input.sharing);
  writeEngine(text, input.active, input.admission);
  input.calls.write(text);
  text.gauge("process_uptime_seconds", "Since the daemon started.", input.uptimeMs / 1000);
  text.gauge("process_memory_usage_bytes", "Resident memory.", input.residentBytes);
  return text.toString();
}
