/** How many calls each tenant may have in progress. */
import { wholeAboveZero } from "../../core/check_number.ts";
import type { BulkheadOptions, TenantPlaces } from "../bulkhead/bulkhead.ts";
import { OTHERS, type TenantOptions } from "./tenant_options.ts";

/** @throws ConnectorError `config.option`. */
export function createPlaces(
  { perTenant, perHost, queue }: BulkheadOptions,
  tenants: Readonly<Record<string, TenantOptions>> = {},
): (tenantId: string) => TenantPlaces {
  const usual: TenantPlaces = { perTenant, perHost, queue, weight: 1 };
  const named = new Map<string, TenantPlaces>();
  for (const [tenant, { places }] of Object.entries(tenants)) {
    for (const [name, value] of Object.entries(places ?? {})) {
      if (name === "queue" && value === 0) continue;
      wholeAboveZero("config.option", `engine option tenants.${tenant}.places.${name}`, value);
    }
    named.set(tenant, { ...usual, ...places });
  }
  const others = named.get(OTHERS) ?? usual;
  return (tenantId) => named.get(tenantId) ?? others;
}
