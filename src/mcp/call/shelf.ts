/** What is kept for a while, for each tenant: bounded in number, size and age. The oldest goes first. */
import type { Clock } from "../../core/clock.ts";

export interface ShelfBounds {
  /** Of each tenant. */
  readonly entries: number;
  /** Of each tenant, in characters. */
  readonly size: number;
  /** Of all tenants together, in characters. */
  readonly total: number;
  readonly ageMs: number;
}

interface Kept<V> {
  readonly tenant: string;
  readonly value: V;
  readonly size: number;
  readonly expires: number;
}

export class Shelf<V> {
  readonly #bounds: ShelfBounds;
  readonly #clock: Clock;
  /** In the order in which they came. */
  readonly #kept = new Map<string, Kept<V>>();
  readonly #tenants = new Map<string, { entries: number; size: number }>();
  #total = 0;

  constructor(bounds: ShelfBounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  get size(): number {
    return this.#total;
  }

  /** False for what is too large to be kept at all. */
  put(tenant: string, key: string, value: V, size: number): boolean {
    const { entries, size: most, total, ageMs } = this.#bounds;
    this.#dropExpired();
    this.drop(tenant, key);
    if (size > most) return false;
    const own = this.#tenants.get(tenant) ?? { entries: 0, size: 0 };
    this.#tenants.set(tenant, own);
    own.entries++;
    own.size += size;
    this.#total += size;
    const expires = this.#clock.monotonic() + ageMs;
    this.#kept.set(place(tenant, key), { tenant, value, size, expires });
    for (const [at, kept] of this.#kept) {
      const tooMuch = own.entries > entries || own.size > most;
      if (!tooMuch && this.#total <= total) break;
      if (this.#total > total || kept.tenant === tenant) this.#remove(at, kept);
    }
    return true;
  }

  get(tenant: string, key: string): V | undefined {
    this.#dropExpired();
    return this.#kept.get(place(tenant, key))?.value;
  }

  drop(tenant: string, key: string): void {
    const at = place(tenant, key);
    const kept = this.#kept.get(at);
    if (kept !== undefined) this.#remove(at, kept);
  }

  #remove(at: string, { tenant, size }: Kept<V>): void {
    this.#kept.delete(at);
    this.#total -= size;
    const own = this.#tenants.get(tenant);
    if (own === undefined) return;
    own.size -= size;
    if (--own.entries === 0) this.#tenants.delete(tenant);
  }

  #dropExpired(): void {
    const now = this.#clock.monotonic();
    for (const [at, kept] of this.#kept) {
      // All are kept for the same time, so the first that has not expired ends it.
      if (kept.expires > now) return;
      this.#remove(at, kept);
    }
  }
}

/** The length in front keeps tenants apart, whatever their names hold. */
function place(tenant: string, key: string): string {
  return `${tenant.length} ${tenant} ${key}`;
}
