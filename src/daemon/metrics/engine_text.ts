/** The engine's own state as metrics: queues, places, breakers, retry budgets. */
import type { AdmissionFigures } from "../../engine/engine.ts";
import type { MetricText, Sample } from "./text.ts";

/** Only the lowest budgets are shown; more would just fill the page. */
const MAX_BUDGETS = 50;
const MAX_BREAKERS = 100;

const MAX_POOLS = 100;

export function writeEngine(text: MetricText, active: number, figures: AdmissionFigures): void {
  const {
    databases,
    kept,
    rates,
    bulkhead,
    lookups,
    breakers,
    retryBudgets,
    denials,
    tenants,
    quotas,
  } = figures;
  text.gauge("http_client_active_requests", "Upstream calls in progress.", active);
  const byLimit = (value: (one: typeof rates[number]) => number): Sample[] =>
    rates.map((one) => [{ limit: one.limit }, value(one)]);
  text.gauge(
    "vastar_rate_limit_queued",
    "Calls waiting for a rate limit.",
    byLimit((r) => r.queued),
  );
  text.counter(
    "vastar_rate_limit_refused_total",
    "Calls refused by a rate limit, or let pass in shadow mode.",
    byLimit((r) => r.refused),
  );
  if (bulkhead !== undefined) {
    text.gauge(
      "vastar_bulkhead_active",
      "Calls in progress whose response head has not arrived.",
      bulkhead.active,
    );
    text.gauge("vastar_bulkhead_queued", "Calls waiting for a place.", bulkhead.queued);
    text.counter(
      "vastar_bulkhead_refused_total",
      "Calls refused because too many were waiting, since the configuration was read.",
      bulkhead.refused,
    );
  }
  text.gauge("vastar_lookups_active", "Names that are being looked up.", lookups.active);
  text.gauge("vastar_lookups_queued", "Names waiting to be looked up.", lookups.queued);
  text.counter(
    "vastar_lookups_refused_total",
    "Names not looked up because too many were waiting, since the configuration was read.",
    lookups.refused,
  );
  const count = (state: string) => breakers.others.filter((one) => one.state === state).length;
  text.gauge("vastar_breakers", "Breakers by state, one for each tenant and origin.", [
    [{ state: "closed" }, breakers.closed],
    [{ state: "half-open" }, count("half-open")],
    [{ state: "open" }, count("open")],
  ]);
  text.gauge(
    "vastar_breaker_retry_after_seconds",
    "Seconds until a breaker that is not closed lets a call try.",
    breakers.others.slice(0, MAX_BREAKERS).map(({ tenantId, origin, retryAfterMs }): Sample => [
      { tenant: tenantId, origin },
      retryAfterMs / 1000,
    ]),
  );
  text.gauge(
    "vastar_retry_budget_left",
    "Retries that a tenant may still make to a host; only the lowest are listed.",
    retryBudgets.toSorted((a, b) => a.left - b.left).slice(0, MAX_BUDGETS)
      .map((
        { tenantId, host, left },
      ): Sample => [{ tenant: tenantId, server_address: host }, left]),
  );
  text.counter(
    "vastar_denied_total",
    "Calls refused to a tenant, destinations refused, and those that report mode let through.",
    Object.entries(denials).map(([by, count]): Sample => [{ by }, count]),
  );
  const { pools, refused } = databases;
  const byPool = (value: (one: typeof pools[number]) => number): Sample[] =>
    pools.slice(0, MAX_POOLS).map((one) => [
      { tenant: one.tenantId, database: one.database },
      value(one),
    ]);
  text.gauge(
    "vastar_database_connections",
    "Connections of a pool.",
    byPool(({ open }) => open),
  );
  text.gauge(
    "vastar_database_connections_in_use",
    "Of these, those that a call uses.",
    byPool(({ inUse }) => inUse),
  );
  text.gauge(
    "vastar_database_waiting",
    "Calls waiting for a connection of a pool.",
    byPool(({ waiting }) => waiting),
  );
  text.counter(
    "vastar_database_refused_total",
    "Calls refused because too many were waiting for a connection.",
    refused,
  );
  text.gauge("vastar_kept_streams", "Streamed answers kept for their callers.", kept.streams);
  text.gauge("vastar_kept_bytes", "Bytes kept of them.", kept.bytes);
  text.gauge(
    "vastar_tenants_kept",
    "Tenants for which limits and places keep state.",
    tenants,
  );
  text.gauge(
    "vastar_quota_left",
    "What is left of a tenant's quota.",
    quotas.used.map(({ tenantId, period, what, limit, used }): Sample => [
      { tenant: tenantId, period, kind: what },
      Math.max(0, limit - used),
    ]),
  );
  text.counter("vastar_quota_refused_total", "Calls refused by a quota.", quotas.refused);
}
