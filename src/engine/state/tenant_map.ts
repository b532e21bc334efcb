/** State for each tenant and key. The bound holds for each tenant, so nobody pushes out what another tenant's calls taught. */
import { RecentMap } from "./recent_map.ts";

export interface TenantMapBounds {
  readonly tenants: number;
  readonly keysPerTenant: number;
}

/** What the stages use unless told otherwise. */
export const USUAL_BOUNDS: TenantMapBounds = { tenants: 256, keysPerTenant: 256 };

export class TenantMap<V extends object> {
  readonly #tenants: RecentMap<RecentMap<V>>;

  constructor(create: (key: string) => V, bounds: TenantMapBounds = USUAL_BOUNDS) {
    this.#tenants = new RecentMap(
      bounds.tenants,
      () => new RecentMap(bounds.keysPerTenant, create),
    );
  }

  get tenants(): number {
    return this.#tenants.size;
  }

  get(tenantId: string, key: string): V {
    return this.#tenants.get(tenantId).get(key);
  }

  /** For metrics and status pages. */
  *entries(): IterableIterator<[tenantId: string, key: string, value: V]> {
    for (const [tenantId, keys] of this.#tenants.entries()) {
      for (const [key, value] of keys.entries()) yield [tenantId, key, value];
    }
  }
}
