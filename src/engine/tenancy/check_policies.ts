/** Checks all tenant and credential options before an engine is created with them. */
import { systemClock } from "../../core/clock.ts";
import { createCredentials } from "../credentials/insert.ts";
import type { EngineOptions } from "../options.ts";
import { createPlaces } from "./tenant_places.ts";
import { Tenants } from "./tenants.ts";
import { USUAL_BULKHEAD } from "../bulkhead/bulkhead.ts";

/** @throws ConnectorError `config.option`, `config.allow_rule`. */
export function checkPolicies(options: EngineOptions): void {
  new Tenants(options, options.egress ?? {}, { clock: systemClock, resolver: () => ({}) });
  createPlaces(USUAL_BULKHEAD, options.tenants);
  createCredentials(options.credentials);
}
