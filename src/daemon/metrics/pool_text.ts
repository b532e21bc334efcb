/** A member's view of its pool as metrics. Sums over members are left to the reader: each says its own. */
import type { PoolFigures } from "../membership.ts";
import type { MetricText } from "./text.ts";

export function writePool(text: MetricText, pool: PoolFigures): void {
  const { connected, members, sessions, refused, jobs } = pool;
  text.gauge(
    "vastar_pool_connected",
    "1 while the connection to NATS is there.",
    Number(connected),
  );
  text.gauge("vastar_pool_members", "Members that are there, this one included, by state.", [
    [{ state: "ready" }, members.filter(({ draining }) => !draining).length],
    [{ state: "draining" }, members.filter(({ draining }) => draining).length],
  ]);
  text.gauge("vastar_pool_sessions", "Clients that came through the pool.", sessions);
  text.gauge(
    "vastar_pool_calls_active",
    "Client calls in progress in all members.",
    members.reduce((sum, { calls }) => sum + calls, 0),
  );
  text.counter(
    "vastar_pool_messages_refused_total",
    "Messages of NATS that could not be read, or came faster than they can be answered.",
    refused,
  );
  if (jobs === undefined) return;
  const { active, ...outcomes } = jobs;
  text.gauge("vastar_pool_jobs_active", "Submitted calls that this member makes now.", active);
  text.counter(
    "vastar_pool_jobs_total",
    "Submitted calls by what this member did with them.",
    Object.entries(outcomes).map(([outcome, count]) => [{ outcome }, count]),
  );
}
