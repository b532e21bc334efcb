/** Puts together what a caller may see of the figures. */
import { toConnectorError } from "../../core/errors.ts";
import type { EngineFigures } from "../../client/mod.ts";
import type { Caller } from "../access/caller.ts";
import { tenantOf } from "../options/tenants.ts";
import { detailOf } from "../problem/problem.ts";
import type { Served } from "../served.ts";
import type { CallCounts } from "./call_counts.ts";
import type { EngineView, Figures } from "./figures.ts";

export async function collectFigures(
  { options: { runtime, tenants }, registry }: Served,
  { tenant }: Caller,
  counts: CallCounts,
): Promise<Figures> {
  const seesAll = tenant === "" || tenantOf(tenants, tenant)?.operator === true;
  const engine = await runtime.figures?.().catch(() => undefined);
  const view = engine && viewOf(engine, seesAll ? undefined : tenant, registry.hidePlaces);
  if (!seesAll) return { ...counts.of(tenant), ...(view && { engine: view }) };
  const health = await runtime.health?.().catch((error: unknown) => ({
    healthy: false,
    message: registry.redact(detailOf(toConnectorError(error), registry.hidePlaces)),
    activeRequests: 0,
    availableCredits: 0,
  }));
  return {
    ...counts.of(""),
    tenants: counts.busiest(),
    ...(health && {
      runtime: {
        healthy: health.healthy,
        message: health.message,
        active: health.activeRequests,
        credits: health.availableCredits,
      },
    }),
    ...(view && { engine: view }),
  };
}

/** `only`: the tenant that asks. Undefined: everything. */
function viewOf(
  { admission: { breakers, rates, bulkhead, quotas } }: EngineFigures,
  only: string | undefined,
  hidePlaces: (text: string) => string,
): EngineView {
  const shown = (tenantId: string) => only === undefined || tenantId === only;
  const places = bulkhead && { limit: "places", ...bulkhead };
  return {
    breakers: {
      ...(only === undefined && { closed: breakers.closed }),
      others: breakers.others.filter(({ tenantId }) => shown(tenantId))
        .map(({ origin, state, retryAfterMs }) => ({
          origin: hidePlaces(origin),
          state,
          retryAfterMs: Math.ceil(retryAfterMs),
        })),
    },
    ...(only === undefined && {
      limits: [...rates, ...places ? [places] : []]
        .map(({ limit, queued, refused }) => ({ limit, queued, refused })),
    }),
    quotas: quotas.used.filter(({ tenantId }) => shown(tenantId))
      .map(({ tenantId, period, what, limit, used }) => ({
        tenant: tenantId,
        period,
        what,
        limit,
        used,
      })),
  };
}
