/** Client connections and calls as metrics. */
import { errorClassName } from "../../core/errors.ts";
import type { DaemonStats } from "../connection/shared.ts";
import type { MetricText, Sample } from "./text.ts";

export function writeDaemon(text: MetricText, daemon: DaemonStats): void {
  text.gauge("vastar_connections", "Open client connections.", daemon.connections);
  text.gauge("vastar_sessions", "Of these, sessions.", daemon.sessions);
  text.counter("vastar_connections_total", "Connections accepted.", daemon.connectionsTotal);
  text.counter(
    "vastar_connections_refused_total",
    "Connections refused: too many, or without a valid token.",
    daemon.connectionsRefused,
  );
  text.counter(
    "vastar_frames_refused_total",
    "Frames that could not be read.",
    daemon.framesRefused,
  );
  text.gauge(
    "vastar_buffered_bytes",
    "Bytes held in memory by all connections.",
    daemon.bufferedBytes,
  );
  text.gauge(
    "vastar_buffered_bytes_limit",
    "The most bytes that all connections may hold.",
    daemon.maxBufferedBytes,
  );
  text.counter(
    "vastar_connections_shed_total",
    "Connections closed because they held most when others had no room.",
    daemon.connectionsShed,
  );
  text.counter(
    "vastar_calls_overloaded_total",
    "Calls refused or ended at a limit that all connections share.",
    daemon.callsOverloaded,
  );
  text.gauge("vastar_calls_active", "Client calls in progress.", daemon.callsActive);
  text.counter(
    "vastar_calls_total",
    "Finished client calls; Success is any HTTP response.",
    daemon.callsByClass.map((count, index): Sample => [
      { error_class: errorClassName(index) },
      count,
    ]),
  );
}
