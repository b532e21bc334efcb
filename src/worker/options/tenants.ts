/** What an operator says of each tenant of a worker. */
import { invalidRequest } from "../../core/errors.ts";
import { checkRules, type Rules } from "../access/caller.ts";
import { checkLimit, type RequestLimit } from "../access/tenant_limits.ts";
import type { ConnectorConfig } from "./connector_config.ts";

/** Whose entry holds for tenants without one. */
const OTHERS = "default";

export interface WorkerTenant extends Rules {
  /** True: sees the figures of all tenants. Default: those of its own calls. */
  readonly operator?: boolean;
  /** Requests of this tenant to this worker. Default: no limit of the worker's. */
  readonly limit?: RequestLimit;
  /** By connector id, over what the worker has for all: the tenant's own secrets, which it never sees. */
  readonly config?: Readonly<Record<string, ConnectorConfig>>;
}

export type WorkerTenants = Readonly<Record<string, WorkerTenant>>;

/** What holds for a tenant; `default` is not inherited from. */
export function tenantOf(tenants: WorkerTenants, tenant: string): WorkerTenant | undefined {
  if (tenant === "") return undefined;
  return Object.hasOwn(tenants, tenant) ? tenants[tenant] : tenants[OTHERS];
}

/** @throws ConnectorError `worker.options`, `config.option`. */
export function checkTenants(tenants: WorkerTenants, connectors: readonly string[]): void {
  for (const [name, tenant] of Object.entries(tenants)) {
    checkRules(tenant);
    if (tenant.limit !== undefined) checkLimit(`tenants.${name}.limit`, tenant.limit);
    const stray = Object.keys(tenant.config ?? {}).find((id) => !connectors.includes(id));
    if (stray === undefined) continue;
    throw invalidRequest(
      "worker.options",
      `tenants.${name}.config names the connector "${stray}", which is not served: there are ${
        connectors.join(", ") || "none"
      }.`,
    );
  }
}
