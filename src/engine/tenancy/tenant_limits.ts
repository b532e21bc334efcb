/** Tenants' rate limits, in the form in which the engine applies limits. */
import type { LimitRule } from "../limits/limit_rule.ts";
import { OTHERS, type TenantOptions } from "./tenant_options.ts";

/** The rate limits of all tenants, as rules that name the tenants they apply to. */
export function tenantLimits(
  tenants: Readonly<Record<string, TenantOptions>> = {},
): readonly LimitRule[] {
  const named = Object.keys(tenants).filter((name) => name !== OTHERS);
  return Object.entries(tenants).flatMap(([name, { rateLimits = [] }]) =>
    rateLimits.map((rule): LimitRule =>
      name === OTHERS ? { ...rule, tenant: "*", except: named } : { ...rule, tenant: name }
    )
  );
}
