/**
 * What became of calls with an idempotency key, for each tenant: the same call again joins the one under way, and afterwards
 * gets its answer without the API being asked. Bounded in number, bytes and age; the oldest answers go first.
 */
import { type Link, LinkedList } from "../state/linked_list.ts";

export interface RecordBounds {
  /** Of each tenant, calls under way included. */
  readonly perTenant: number;
  readonly bytesPerTenant: number;
  /** Of all tenants together. */
  readonly bytes: number;
  readonly ageMs: number;
}

export const USUAL_RECORDS: RecordBounds = {
  perTenant: 1_000,
  bytesPerTenant: 4 << 20,
  bytes: 64 << 20,
  ageMs: 600_000,
};

/** How a call ended for those who joined it. `yours`: its caller has given it up, and whoever hears this makes it. */
export type End<V> =
  | { readonly kind: "answer"; readonly answer: V }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "yours" };

export type Begun<V> =
  /** To be made, and then told to `complete`, `fail` or `giveUp`. */
  | { readonly kind: "first"; readonly record: IdempotencyRecord<V> }
  /** Under way: to be joined. */
  | { readonly kind: "under-way"; readonly record: IdempotencyRecord<V> }
  | { readonly kind: "answer"; readonly answer: V }
  /** The key was used for another request. */
  | { readonly kind: "mismatch" }
  /** So many are under way that this one is not recorded. */
  | { readonly kind: "full" };

export class Joiner<V> implements Link<Joiner<V>> {
  previous: Joiner<V> | undefined;
  next: Joiner<V> | undefined;
  list: unknown;
  readonly onEnd: (end: End<V>) => void;

  constructor(onEnd: (end: End<V>) => void) {
    this.onEnd = onEnd;
  }
}

export class IdempotencyRecord<V> implements Link<IdempotencyRecord<V>> {
  previous: IdempotencyRecord<V> | undefined;
  next: IdempotencyRecord<V> | undefined;
  list: unknown;
  answer: V | undefined;
  bytes = 0;
  expiresAt: number = Infinity;
  readonly joiners: LinkedList<Joiner<V>> = new LinkedList();
  readonly tenantId: string;
  readonly key: string;
  readonly fingerprint: string;

  constructor(tenantId: string, key: string, fingerprint: string) {
    this.tenantId = tenantId;
    this.key = key;
    this.fingerprint = fingerprint;
  }
}

interface Tenant<V> {
  readonly records: Map<string, IdempotencyRecord<V>>;
  /** Those with an answer, oldest first. */
  readonly answered: LinkedList<IdempotencyRecord<V>>;
  bytes: number;
}

export class IdempotencyRecords<V extends object> {
  readonly #bounds: RecordBounds;
  readonly #tenants = new Map<string, Tenant<V>>();
  #bytes = 0;

  constructor(bounds: RecordBounds = USUAL_RECORDS) {
    this.#bounds = bounds;
  }

  get bytes(): number {
    return this.#bytes;
  }

  begin(tenantId: string, key: string, fingerprint: string, now: number): Begun<V> {
    const tenant = this.#tenant(tenantId);
    this.#dropExpired(tenant, now);
    const known = tenant.records.get(key);
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) return { kind: "mismatch" };
      if (known.answer !== undefined) return { kind: "answer", answer: known.answer };
      return { kind: "under-way", record: known };
    }
    if (tenant.records.size >= this.#bounds.perTenant) {
      const oldest = tenant.answered.first;
      if (oldest === undefined) return { kind: "full" };
      this.#drop(tenant, oldest);
    }
    const record = new IdempotencyRecord<V>(tenantId, key, fingerprint);
    tenant.records.set(key, record);
    // Dropping the last one took the tenant's entry along.
    this.#tenants.set(tenantId, tenant);
    return { kind: "first", record };
  }

  join(record: IdempotencyRecord<V>, onEnd: (end: End<V>) => void): Joiner<V> {
    const joiner = new Joiner(onEnd);
    record.joiners.append(joiner);
    return joiner;
  }

  leave(record: IdempotencyRecord<V>, joiner: Joiner<V>): void {
    record.joiners.remove(joiner);
  }

  /** There is an answer of `bytes`; whether it can be kept or not, those who joined get it. */
  complete(record: IdempotencyRecord<V>, answer: V, bytes: number, now: number): void {
    const tenant = this.#tenant(record.tenantId);
    const { bytesPerTenant, ageMs } = this.#bounds;
    this.#dropExpired(tenant, now);
    record.answer = answer;
    record.bytes = bytes;
    record.expiresAt = now + ageMs;
    tenant.bytes += bytes;
    this.#bytes += bytes;
    tenant.answered.append(record);
    // Only a tenant's own answers make room for another of his.
    for (
      let oldest = tenant.answered.first;
      oldest !== undefined && (tenant.bytes > bytesPerTenant || this.#bytes > this.#bounds.bytes);
      oldest = tenant.answered.first
    ) {
      this.#drop(tenant, oldest);
    }
    this.#end(record, { kind: "answer", answer });
  }

  /** The call failed; the next one with its key is made anew. */
  fail(record: IdempotencyRecord<V>, error: unknown): void {
    this.#drop(this.#tenant(record.tenantId), record);
    this.#end(record, { kind: "error", error });
  }

  /** Its caller no longer wants it, or the answer cannot be handed to others: the next of those who joined makes the call. */
  giveUp(record: IdempotencyRecord<V>): void {
    const next = record.joiners.first;
    if (next === undefined) return this.#drop(this.#tenant(record.tenantId), record);
    record.joiners.remove(next);
    next.onEnd({ kind: "yours" });
  }

  /** Answers of tenants who do not call any more go, too. Now and then. */
  sweep(now: number): void {
    for (const tenant of [...this.#tenants.values()]) this.#dropExpired(tenant, now);
  }

  #end(record: IdempotencyRecord<V>, end: End<V>): void {
    for (let joiner = record.joiners.first; joiner !== undefined; joiner = record.joiners.first) {
      record.joiners.remove(joiner);
      joiner.onEnd(end);
    }
  }

  #dropExpired(tenant: Tenant<V>, now: number): void {
    for (
      let oldest = tenant.answered.first;
      oldest !== undefined && oldest.expiresAt <= now;
      oldest = tenant.answered.first
    ) {
      this.#drop(tenant, oldest);
    }
  }

  #drop(tenant: Tenant<V>, record: IdempotencyRecord<V>): void {
    if (tenant.answered.has(record)) {
      tenant.answered.remove(record);
      tenant.bytes -= record.bytes;
      this.#bytes -= record.bytes;
    }
    if (tenant.records.get(record.key) === record) tenant.records.delete(record.key);
    if (tenant.records.size === 0) this.#tenants.delete(record.tenantId);
  }

  #tenant(tenantId: string): Tenant<V> {
    let tenant = this.#tenants.get(tenantId);
    if (tenant === undefined) {
      tenant = { records: new Map(), answered: new LinkedList(), bytes: 0 };
      this.#tenants.set(tenantId, tenant);
    }
    return tenant;
  }
}
