/**
 * Outcomes of calls with an idempotency key, per tenant: a repeated call joins the one in progress, and afterwards
 * gets its answer without calling the API. Bounded in number, bytes and age; the oldest answers go first.
 */
import { Flight } from "../state/flight.ts";
import { type Shelved, Shelves } from "../state/shelves.ts";

export interface RecordBounds {
  /** Per tenant, calls in progress included. */
  readonly perTenant: number;
  readonly bytesPerTenant: number;
  /** For all tenants together. */
  readonly bytes: number;
  readonly ageMs: number;
}

export const USUAL_RECORDS: RecordBounds = {
  perTenant: 1_000,
  bytesPerTenant: 4 << 20,
  bytes: 64 << 20,
  ageMs: 600_000,
};

export type Begun<V> =
  /** The call must be made, then reported with `complete`, `fail` or `giveUp`. */
  | { readonly kind: "first"; readonly record: IdempotencyRecord<V> }
  /** In progress: join it. */
  | { readonly kind: "under-way"; readonly record: IdempotencyRecord<V> }
  | { readonly kind: "answer"; readonly answer: V; readonly record: IdempotencyRecord<V> }
  /** The key was used for another request. */
  | { readonly kind: "mismatch" }
  /** Another request with the key is under way. */
  | { readonly kind: "busy" }
  /** So many are in progress that this one is not recorded. */
  | { readonly kind: "full" };

export class IdempotencyRecord<V> implements Shelved<IdempotencyRecord<V>> {
  previous: IdempotencyRecord<V> | undefined;
  next: IdempotencyRecord<V> | undefined;
  list: unknown;
  answer: V | undefined;
  bytes = 0;
  expiresAt: number = Infinity;
  /** When the time of the call that is made for it is up. */
  deadlineAt: number = Infinity;
  readonly flight: Flight<V> = new Flight();
  readonly tenantId: string;
  readonly key: string;
  readonly fingerprint: string;

  constructor(tenantId: string, key: string, fingerprint: string) {
    this.tenantId = tenantId;
    this.key = key;
    this.fingerprint = fingerprint;
  }
}

/** Outlives an engine: what one has been asked to do, the one that takes its place must not do again. */
export class IdempotencyRecords<V extends object> {
  /** An engine sets its own. What is kept already goes when the next answer needs its room. */
  bounds: RecordBounds;
  readonly #tenants = new Map<string, Map<string, IdempotencyRecord<V>>>();
  /** Those with an answer, oldest first. */
  readonly #answered: Shelves<IdempotencyRecord<V>>;

  /** Bytes of answers that are still arriving. */
  readonly #arriving = new Map<string, number>();
  #allArriving = 0;

  constructor(bounds: RecordBounds = USUAL_RECORDS) {
    this.bounds = bounds;
    this.#answered = new Shelves(() => this.bounds, (record) => this.#drop(record));
  }

  get bytes(): number {
    return this.#answered.bytes;
  }

  begin(tenantId: string, key: string, fingerprint: string, now: number): Begun<V> {
    this.#dropExpired(tenantId, now);
    const known = this.#tenants.get(tenantId)?.get(key);
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) {
        return { kind: known.answer === undefined ? "busy" : "mismatch" };
      }
      if (known.answer !== undefined) {
        return { kind: "answer", answer: known.answer, record: known };
      }
      return { kind: "under-way", record: known };
    }
    if ((this.#tenants.get(tenantId)?.size ?? 0) >= this.bounds.perTenant) {
      const oldest = this.#answered.first(tenantId);
      if (oldest === undefined) return { kind: "full" };
      this.#drop(oldest);
    }
    const record = new IdempotencyRecord<V>(tenantId, key, fingerprint);
    const records = this.#tenants.get(tenantId) ?? new Map<string, IdempotencyRecord<V>>();
    this.#tenants.set(tenantId, records.set(key, record));
    return { kind: "first", record };
  }

  /** An answer has begun to arrive, of which those who joined read what has come, and what follows. */
  begins(record: IdempotencyRecord<V>, answer: V): void {
    record.answer = answer;
    record.flight.land({ kind: "answer", answer });
  }

  /** It holds so many bytes more, or fewer; false if that is more than answers that arrive may have. */
  arrives({ tenantId }: IdempotencyRecord<V>, bytes: number): boolean {
    const own = (this.#arriving.get(tenantId) ?? 0) + bytes;
    this.#allArriving += bytes;
    if (own === 0) this.#arriving.delete(tenantId);
    else this.#arriving.set(tenantId, own);
    return own <= this.bounds.bytesPerTenant && this.#allArriving <= this.bounds.bytes;
  }

  /** There is an answer of `bytes`; whether or not it can be kept, the calls that joined get it. */
  complete(record: IdempotencyRecord<V>, answer: V, bytes: number, now: number): void {
    this.#dropExpired(record.tenantId, now);
    record.answer = answer;
    record.bytes = bytes;
    record.expiresAt = now + this.bounds.ageMs;
    this.#answered.add(record);
    record.flight.land({ kind: "answer", answer });
  }

  /** The call failed; the next one with its key is made again. */
  fail(record: IdempotencyRecord<V>, error: unknown): void {
    this.#drop(record);
    record.flight.land({ kind: "error", error });
  }

  /** Its caller no longer wants it, or the answer cannot be shared: the next one that joined makes the call. */
  giveUp(record: IdempotencyRecord<V>): void {
    if (!record.flight.handOver()) this.#drop(record);
  }

  /** Occasionally drops answers of tenants that no longer call. */
  sweep(now: number): void {
    for (const tenantId of this.#answered.tenants()) this.#dropExpired(tenantId, now);
  }

  #dropExpired(tenantId: string, now: number): void {
    for (
      let oldest = this.#answered.first(tenantId);
      oldest !== undefined && oldest.expiresAt <= now;
      oldest = this.#answered.first(tenantId)
    ) {
      this.#drop(oldest);
    }
  }

  #drop(record: IdempotencyRecord<V>): void {
    this.#answered.remove(record);
    const records = this.#tenants.get(record.tenantId);
    if (records?.get(record.key) !== record) return;
    records.delete(record.key);
    if (records.size === 0) this.#tenants.delete(record.tenantId);
  }
}
