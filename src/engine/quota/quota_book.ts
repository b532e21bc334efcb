/** The quotas of all tenants, saved at most once a second, after changes. */
import type { Clock } from "../../core/clock.ts";
import { invalidRequest } from "../../core/errors.ts";
import { type Period, periodStart } from "./period.ts";
import { Quota } from "./quota.ts";
import type { QuotaRow, QuotaStorage, Usage } from "./quota_row.ts";

/** What a tenant may use per UTC day or month. At least one of calls, bytes and cost. */
export interface QuotaRule {
  /** Absent or `*`: each tenant without a rule of its own for this period. */
  readonly tenant?: string;
  readonly period: Period;
  readonly calls?: number;
  /** Bytes of request and response bodies. */
  readonly bytes?: number;
  readonly cost?: number;
  /** Where a whole JSON answer reports the cost: `usage.total_tokens`. Streamed answers cost nothing. */
  readonly costFrom?: string;
}

export interface TenantQuota {
  readonly quota: Quota;
  readonly costFrom: string | undefined;
}

export interface QuotaFigures {
  readonly tenantId: string;
  readonly period: Period;
  readonly what: keyof Usage;
  readonly limit: number;
  readonly used: number;
}

/** Calls of further tenants that the operator did not name are refused: callers that invent tenants must not fill the memory. */
const MOST_TENANTS = 10_000;
/** How often those whose periods are over are looked for when there are so many. */
const SWEEP_MS = 1_000;
const SAVE_MS = 1_000;
const PERIODS: readonly Period[] = ["day", "month"];
const KINDS = ["calls", "bytes", "cost"] as const;
const NO_ROWS: readonly QuotaRow[] = [];

export class QuotaBook {
  /** Calls refused. */
  refused = 0;
  readonly #rules: readonly QuotaRule[];
  readonly #named: ReadonlySet<string>;
  readonly #storage: QuotaStorage | undefined;
  readonly #clock: Clock;
  readonly #tenants = new Map<string, readonly TenantQuota[]>();
  /** As stored, by tenant. */
  readonly #rows = new Map<string, QuotaRow[]>();
  /** Drawn late, as workerd requires. */
  #writer: string | undefined;
  #loading: Promise<void> | undefined;
  #loaded: boolean;
  #timer: unknown;
  #saving: Promise<void> | undefined;
  #sweptAt = -Infinity;
  /** In which rows were dropped last. */
  #day = -Infinity;

  /** `named`: tenants that are always counted, besides those of the rules. */
  constructor(
    rules: readonly QuotaRule[],
    storage: QuotaStorage | undefined,
    clock: Clock,
    named: readonly string[] = [],
  ) {
    this.#rules = rules;
    this.#named = new Set([...named, ...rules.flatMap(({ tenant }) => tenant ?? [])]);
    this.#storage = storage;
    this.#clock = clock;
    this.#loaded = storage === undefined;
  }

  /** As {@link QuotaStorage.part}. */
  part(): number | undefined {
    return this.#storage?.part?.();
  }

  /** Resolves once the stored quotas are loaded; undefined if they are. The next caller retries a failed load. */
  ready(): Promise<void> | undefined {
    if (this.#loaded) return undefined;
    return this.#loading ??= this.#load().then(() => void (this.#loaded = true))
      .finally(() => this.#loading = undefined);
  }

  /** Undefined: there are too many tenants to count another one. */
  of(tenantId: string): readonly TenantQuota[] | undefined {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const now = this.#clock.now();
    if (this.#tenants.size >= MOST_TENANTS && !this.#named.has(tenantId)) {
      this.#sweep(now);
      if (this.#tenants.size >= MOST_TENANTS) return undefined;
    }
    const quotas = PERIODS.flatMap((period) => {
      const rule = this.#rule(tenantId, period);
      if (rule === undefined) return [];
      this.#writer ??= crypto.randomUUID();
      const quota = new Quota(tenantId, period, rule, this.#writer);
      for (const row of this.#rows.get(tenantId) ?? NO_ROWS) {
        if (row.period === period) quota.merge(row, now);
      }
      return [{ quota, costFrom: rule.costFrom }];
    });
    this.#tenants.set(tenantId, quotas);
    return quotas;
  }

  /** Something was counted. */
  changed(): void {
    if (this.#storage === undefined || this.#timer !== undefined) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#save();
    }, SAVE_MS);
  }

  /** Saves what is unsaved, and stops. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#saving;
    if (this.#loaded) await this.#save();
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    await this.#storage?.close();
  }

  /** Quotas of the tenants that called first, up to `most`. */
  figures(most: number): QuotaFigures[] {
    const now = this.#clock.now();
    const figures: QuotaFigures[] = [];
    for (const [tenantId, quotas] of this.#tenants) {
      for (const { quota: { period }, quota } of quotas) {
        const rule = this.#rule(tenantId, period);
        const usage = quota.usage(now);
        for (const what of KINDS) {
          const limit = rule?.[what];
          if (limit === undefined) continue;
          if (figures.length >= most) return figures;
          figures.push({ tenantId, period, what, limit, used: usage[what] });
        }
      }
    }
    return figures;
  }

  /** Drops tenants that have used nothing in the periods of now: they are counted anew when they come again. */
  #sweep(now: number): void {
    if (now < this.#sweptAt + SWEEP_MS && now >= this.#sweptAt) return;
    this.#sweptAt = now;
    for (const [tenantId, quotas] of this.#tenants) {
      if (quotas.every(({ quota }) => quota.isUnused(now))) this.#tenants.delete(tenantId);
    }
  }

  #rule(tenantId: string, period: Period): QuotaRule | undefined {
    const rules = this.#rules.filter((rule) => rule.period === period);
    return rules.find(({ tenant }) => tenant === tenantId) ??
      rules.find(({ tenant = "*" }) => tenant === "*");
  }

  #save(): Promise<void> {
    return this.#saving ??= this.#write().finally(() => this.#saving = undefined);
  }

  async #write(): Promise<void> {
    const now = this.#clock.now();
    const changed: Quota[] = [];
    const rows: QuotaRow[] = [];
    for (const quotas of this.#tenants.values()) {
      for (const { quota } of quotas) {
        const row = quota.takeChange(now);
        if (row === undefined) continue;
        changed.push(quota);
        rows.push(row);
      }
    }
    try {
      if (rows.length > 0) await this.#storage?.save(rows);
      await this.#load();
    } catch {
      // The storage has reported it; unwritten rows are due again.
      for (const quota of changed) quota.keepChange();
      this.changed();
    }
  }

  /** Each process that ever counted has rows: those of periods that are over are of no use. */
  #forget(now: number): void {
    const day = periodStart("day", now);
    if (day === this.#day) return;
    this.#day = day;
    for (const [tenantId, rows] of this.#rows) {
      const current = rows.filter(({ period, start }) => start >= periodStart(period, now));
      if (current.length === 0) this.#rows.delete(tenantId);
      else this.#rows.set(tenantId, current);
    }
  }

  async #load(): Promise<void> {
    const now = this.#clock.now();
    this.#forget(now);
    const fresh = await this.#storage?.load(now) ?? NO_ROWS;
    for (const row of fresh) {
      const rows = this.#rows.get(row.tenantId) ?? [];
      const others = rows.filter((one) => one.writer !== row.writer || one.period !== row.period);
      this.#rows.set(row.tenantId, [...others, row]);
      for (const { quota } of this.#tenants.get(row.tenantId) ?? []) {
        if (quota.period === row.period) quota.merge(row, now);
      }
    }
  }
}

/** @throws ConnectorError `config.option`. */
export function checkQuotaRules(rules: readonly QuotaRule[]): readonly QuotaRule[] {
  rules.forEach((rule, at) => {
    const fault = (what: string): never => {
      throw invalidRequest("config.option", `engine option quotas[${at}]${what}`);
    };
    const given = KINDS.filter((kind) => rule[kind] !== undefined);
    if (given.length === 0) fault(" must have calls, bytes or cost");
    for (const kind of given) {
      const value = rule[kind] ?? 0;
      if (!(value >= 0)) fault(`.${kind} must be 0 or more, found ${value}`);
    }
    if ((rule.cost === undefined) !== (rule.costFrom === undefined)) {
      fault(" must have both cost and costFrom, or neither");
    }
    const same = (other: QuotaRule): boolean =>
      other.period === rule.period && (other.tenant ?? "*") === (rule.tenant ?? "*");
    if (rules.findIndex(same) < at) {
      fault(` is a second one for tenant ${rule.tenant ?? "*"} and ${rule.period}`);
    }
  });
  return rules;
}
