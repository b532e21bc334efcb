/** Outcomes of calls, by connector and host and by tenant. Outlives engines, which a reload replaces. */
import { errorClassName } from "../../core/errors.ts";
import type { CallRecord, RetryRecord } from "../../engine/engine.ts";
import { Bounded } from "./bounded.ts";
import { Histogram } from "./histogram.ts";
import type { MetricText, Sample } from "./text.ts";

/** A pair of connector and host makes up to 6 histograms of 17 lines. */
const MAX_HOSTS = 100;
const MAX_TENANTS = 100;
const CLASSES = 6;

interface HostFigures {
  /** By error class; created when the first call of a class ends. */
  readonly latency: (Histogram | undefined)[];
  attempts: number;
  hedges: number;
  retries: number;
}

interface TenantFigures {
  readonly classes: number[];
}

export interface HostSummary {
  readonly connector: string;
  readonly host: string;
  readonly calls: number;
  readonly failed: number;
  readonly seconds: number;
  readonly retries: number;
  readonly hedges: number;
}

export interface TenantSummary {
  readonly tenant: string;
  readonly calls: number;
  readonly failed: number;
}

export class Outcomes {
  readonly #hosts = new Bounded<HostFigures>(
    MAX_HOSTS,
    () => ({ latency: [], attempts: 0, hedges: 0, retries: 0 }),
  );
  readonly #tenants = new Bounded<TenantFigures>(
    MAX_TENANTS,
    () => ({ classes: new Array<number>(CLASSES).fill(0) }),
  );
  readonly #queued = new Histogram();
  readonly #paused = new Histogram();
  readonly #classes = new Array<number>(CLASSES).fill(0);
  #bytesIn = 0;
  #bytesOut = 0;

  ended(record: CallRecord): void {
    const { errorClass } = record;
    const host = this.#hosts.get(record.connector, record.host);
    (host.latency[errorClass] ??= new Histogram()).observe(record.durationMs);
    host.attempts += record.attempts;
    host.hedges += record.hedges;
    add(this.#tenants.get(record.tenantId).classes, errorClass);
    add(this.#classes, errorClass);
    if (record.queuedMs > 0) this.#queued.observe(record.queuedMs);
    if (record.waitedMs > 0) this.#paused.observe(record.waitedMs);
    this.#bytesIn += record.bytesIn;
    this.#bytesOut += record.bytesOut;
  }

  repeated({ connector, host }: RetryRecord): void {
    this.#hosts.get(connector, host).retries++;
  }

  hosts(): HostSummary[] {
    return [...this.#hosts.entries()].map(([connector, host, { latency, retries, hedges }]) => {
      const counts = latency.map((one) => one?.counts.reduce(sum, 0) ?? 0);
      const calls = counts.reduce(sum, 0);
      const seconds = latency.reduce((total, one) => total + (one?.sum ?? 0), 0);
      return { connector, host, calls, failed: calls - (counts[0] ?? 0), seconds, retries, hedges };
    });
  }

  tenants(): TenantSummary[] {
    return [...this.#tenants.entries()].map(([tenant, , { classes }]) => {
      const calls = classes.reduce(sum, 0);
      return { tenant, calls, failed: calls - (classes[0] ?? 0) };
    });
  }

  write(text: MetricText): void {
    const hosts = [...this.#hosts.entries()];
    const place = (connector: string, host: string) => ({ connector, server_address: host });
    text.counter(
      "vastar_upstream_calls_total",
      "Finished upstream calls; a response counts by its status.",
      this.#classes.map((count, index): Sample => [{ error_class: errorClassName(index) }, count]),
    );
    text.histogram(
      "http_client_request_duration_seconds",
      "From arrival to the last byte, all attempts and waits included.",
      hosts.flatMap(([connector, host, { latency }]) =>
        latency.flatMap((one, index) =>
          one === undefined
            ? []
            : [[{ ...place(connector, host), error_class: errorClassName(index) }, one] as const]
        )
      ),
    );
    text.counter(
      "vastar_attempts_total",
      "Attempts made upstream.",
      hosts.map(([connector, host, { attempts }]): Sample => [place(connector, host), attempts]),
    );
    text.counter(
      "vastar_hedges_total",
      "Attempts made beside others that were not answered yet.",
      hosts.map(([connector, host, { hedges }]): Sample => [place(connector, host), hedges]),
    );
    text.counter(
      "vastar_retries_total",
      "Attempts that failed and were repeated.",
      hosts.map(([connector, host, { retries }]): Sample => [place(connector, host), retries]),
    );
    text.histogram("vastar_queue_wait_seconds", "Time spent in queues, for calls that waited.", [
      [{}, this.#queued],
    ]);
    text.histogram(
      "vastar_retry_wait_seconds",
      "Time spent between attempts, for calls that were retried.",
      [
        [{}, this.#paused],
      ],
    );
    text.counter(
      "http_client_response_body_bytes_total",
      "Response bytes, decoded.",
      this.#bytesIn,
    );
    text.counter("http_client_request_body_bytes_total", "Request bytes.", this.#bytesOut);
    text.counter(
      "vastar_tenant_calls_total",
      "Finished calls of a tenant.",
      [...this.#tenants.entries()].flatMap(([tenant, , { classes }]) =>
        classes.map((count, index): Sample => [
          { tenant, error_class: errorClassName(index) },
          count,
        ])
      ),
    );
  }
}

function add(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

function sum(a: number, b: number): number {
  return a + b;
}
