/** What a runtime shares with others, as metrics. */
import type { SharingFigures } from "../../engine/leases/sharing.ts";
import type { MetricText } from "./text.ts";

export function writeSharing(text: MetricText, sharing: SharingFigures): void {
  const { members, leases, conflicts, awayMs } = sharing;
  text.gauge("vastar_shared_members", "Runtimes that share limits, this one included.", members);
  text.gauge(
    "vastar_shared_store_away_seconds",
    "Since when the store cannot be reached; 0 while it can.",
    awayMs / 1_000,
  );
  text.counter("vastar_shared_leases_total", "Leases taken from shared rate limits.", leases);
  text.counter(
    "vastar_shared_conflicts_total",
    "Leases tried again because another runtime was faster.",
    conflicts,
  );
}
