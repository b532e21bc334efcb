/** Counts the calls to a worker, by tenant. */
import type { Counted, Latency } from "./figures.ts";

/** Each class is half as wide again as the one before: exact enough for a chart. */
const UP_TO_MS: readonly number[] = [
  1,
  2,
  3,
  5,
  7,
  10,
  15,
  25,
  40,
  60,
  100,
  150,
  250,
  400,
  600,
  1_000,
  1_500,
  2_500,
  4_000,
  6_000,
  10_000,
  15_000,
  30_000,
  60_000,
];
/** Callers of an identity provider may be of any number of tenants. */
const MOST_TENANTS = 1_000;
const MOST_SHOWN = 10;

interface Counts {
  total: number;
  failed: number;
  readonly latency: number[];
}

export class CallCounts {
  readonly #all: Counts = none();
  readonly #tenants = new Map<string, Counts>();

  /** `ms`: to the head of the answer. */
  add(tenant: string, status: number, ms: number): void {
    const at = UP_TO_MS.findIndex((bound) => ms <= bound);
    const found = at < 0 ? UP_TO_MS.length - 1 : at;
    count(this.#all, status, found);
    if (tenant !== "") count(this.#of(tenant), status, found);
  }

  /** Of the tenant; of all for the empty one. */
  of(tenant: string): { readonly calls: Counted; readonly latency: Latency } {
    const { total, failed, latency } = tenant === ""
      ? this.#all
      : this.#tenants.get(tenant) ?? none();
    return { calls: { total, failed }, latency: { upToMs: UP_TO_MS, counts: [...latency] } };
  }

  busiest(): readonly ({ readonly tenant: string } & Counted)[] {
    return [...this.#tenants]
      .map(([tenant, { total, failed }]) => ({ tenant, total, failed }))
      .sort((a, b) => b.total - a.total).slice(0, MOST_SHOWN);
  }

  #of(tenant: string): Counts {
    const found = this.#tenants.get(tenant);
    if (found !== undefined) return found;
    const [oldest] = this.#tenants.keys();
    if (this.#tenants.size >= MOST_TENANTS && oldest !== undefined) this.#tenants.delete(oldest);
    const counts = none();
    this.#tenants.set(tenant, counts);
    return counts;
  }
}

function none(): Counts {
  return { total: 0, failed: 0, latency: UP_TO_MS.map(() => 0) };
}

function count(counts: Counts, status: number, at: number): void {
  counts.total++;
  if (status >= 400) counts.failed++;
  counts.latency[at] = (counts.latency[at] ?? 0) + 1;
}
