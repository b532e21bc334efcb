/** State per tenant and key. The bound is per tenant, so no tenant pushes out another's state. */
import { RecentMap } from "./recent_map.ts";

export interface TenantMapBounds {
  readonly tenants: number;
  readonly keysPerTenant: number;
}

/** The default size for stages. */
export const USUAL_BOUNDS: TenantMapBounds = { tenants: 256, keysPerTenant: 256 };

export class TenantMap<V extends object> {
  readonly #tenants: RecentMap<RecentMap<V>>;

  /** `inForce`: as of {@link RecentMap}, for the state of a tenant and for tenants that have such. */
  constructor(
    create: (key: string) => V,
    bounds: TenantMapBounds = USUAL_BOUNDS,
    inForce?: (value: V) => boolean,
  ) {
    this.#tenants = new RecentMap(
      bounds.tenants,
      () => new RecentMap(bounds.keysPerTenant, create, inForce),
      inForce && ((keys) => keys.some(inForce)),
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
