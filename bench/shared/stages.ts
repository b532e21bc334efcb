/** Engines with their stages at work, whose limits nobody reaches. */
import type { CallRequest } from "../../src/core/call.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";

const MANY = 1_000_000_000;

/** What an operator of a daemon sets. */
export const LIMITED: EngineOptions = {
  rateLimits: [{ tenant: "*", calls: MANY, perMs: 1_000 }],
  quotas: [{ period: "day", calls: MANY, bytes: Number.MAX_SAFE_INTEGER }],
  tenants: { default: { methods: { deny: ["TRACE"] }, connectors: { deny: ["none"] } } },
};

/** With what is switched on for some APIs, too. */
export const ALL_STAGES: EngineOptions = { ...LIMITED, cache: true, hedge: { afterMs: 10_000 } };

export function callTo(url: string, tenantId = "bench"): CallRequest {
  return {
    tenantId,
    workspaceId: "",
    traceId: "",
    connector: "http",
    operation: "request",
    method: "GET",
    url,
    headers: [],
    body: null,
    timeoutMs: 60_000,
  };
}
