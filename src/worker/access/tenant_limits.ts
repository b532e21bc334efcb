/** How many requests each tenant may send to this worker, reported with every answer (RateLimit header fields, draft 11). */
import { Gcra } from "../../core/rules/gcra.ts";
import { wholeAboveZero } from "../../core/check_number.ts";

export interface RequestLimit {
  readonly requests: number;
  readonly perMs: number;
  /** Requests that may arrive at once. Default: `requests`. */
  readonly burst?: number;
}

export interface Taken {
  readonly allowed: boolean;
  readonly retryAfterMs: number;
  /** `RateLimit` and `RateLimit-Policy`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Most tenants counted at once; above that, the oldest starts anew. */
const MOST_TENANTS = 10_000;

export class TenantLimits {
  readonly #limitOf: (tenant: string) => RequestLimit | undefined;
  readonly #used = new Map<string, Gcra>();

  constructor(limitOf: (tenant: string) => RequestLimit | undefined) {
    this.#limitOf = limitOf;
  }

  /** Counts one request of the tenant; undefined if it has no limit. */
  take(tenant: string, now: number): Taken | undefined {
    const limit = this.#limitOf(tenant);
    if (limit === undefined) return undefined;
    const { requests, perMs, burst = requests } = limit;
    const used = this.#used.get(tenant) ?? this.#begin(tenant, { units: requests, perMs, burst });
    const retryAfterMs = used.waitMs(now, 1);
    const allowed = retryAfterMs === 0;
    if (allowed) used.take(now, 1);
    const left = used.available(now);
    // Until the limit is full again.
    const resetMs = (burst - left) * (perMs / requests);
    return {
      allowed,
      retryAfterMs,
      headers: {
        ratelimit: `"tenant";r=${Math.floor(left + 1e-9)};t=${Math.ceil(resetMs / 1_000)}`,
        "ratelimit-policy": `"tenant";q=${requests};w=${Math.max(1, Math.round(perMs / 1_000))}`,
      },
    };
  }

  #begin(tenant: string, rate: ConstructorParameters<typeof Gcra>[0]): Gcra {
    const [oldest] = this.#used.keys();
    if (this.#used.size >= MOST_TENANTS && oldest !== undefined) this.#used.delete(oldest);
    const used = new Gcra(rate);
    this.#used.set(tenant, used);
    return used;
  }
}

/** @throws ConnectorError `worker.options`. */
export function checkLimit(name: string, { requests, perMs, burst }: RequestLimit): void {
  wholeAboveZero("worker.options", `${name}.requests`, requests);
  wholeAboveZero("worker.options", `${name}.perMs`, perMs);
  if (burst !== undefined) wholeAboveZero("worker.options", `${name}.burst`, burst);
}
