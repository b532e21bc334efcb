/** Which policy applies to which tenant. There are only those that the operator wrote, whatever names callers invent. */
import { invalidRequest } from "../../core/errors.ts";
import type { EgressDenial } from "../../http/egress_judge.ts";
import { createEgressGuard, type EgressDeps, type EgressOptions } from "../../http/egress.ts";
import type { EngineOptions } from "../options.ts";
import { resolveTimes, type TimeOptions } from "../times.ts";
import { TenantPolicy } from "./tenant.ts";
import { OTHERS, type TenantEgress, type TenantOptions } from "./tenant_options.ts";

/** State is kept under these names, so they must not be long. */
const MOST_CHARACTERS = 256;

export interface Denials {
  /** Refusals of connectors, operations, hosts and methods that a tenant may not use. */
  readonly tenant: number;
  /** Destinations refused. */
  readonly egress: number;
  /** Destinations that `report` mode let through instead of refusing. */
  readonly reported: number;
}

export class Tenants {
  readonly #named = new Map<string, TenantPolicy>();
  readonly #others: TenantPolicy;
  #tenant = 0;
  #egress = 0;
  #reported = 0;

  /** `egress`: the engine's, with the rules of the environment. @throws ConnectorError `config.option`, `config.allow_rule`. */
  constructor(
    options: EngineOptions,
    egress: EgressOptions,
    deps: EgressDeps,
  ) {
    const { tenants = {} } = options;
    const guardOf = (own: EgressOptions) =>
      createEgressGuard({ ...own, onDenied: this.#counting(own) }, deps);
    const shared = guardOf(egress);
    const create = (name: string, tenant: TenantOptions): TenantPolicy =>
      new TenantPolicy(name, tenant, {
        guard: tenant.egress ? guardOf(egressOf(name, tenant.egress, egress)) : shared,
        times: resolveTimes({ ...options, ...timesOf(tenant) }),
        onDenied: () => this.#tenant++,
      });
    for (const [name, tenant] of Object.entries(tenants)) {
      checkTenant(name);
      this.#named.set(name, create(name, tenant));
    }
    this.#others = this.#named.get(OTHERS) ?? create(OTHERS, {});
  }

  /** @throws ConnectorError `tenant.name`. */
  of(tenantId: string): TenantPolicy {
    checkTenant(tenantId);
    return this.#named.get(tenantId) ?? this.#others;
  }

  denials(): Denials {
    return { tenant: this.#tenant, egress: this.#egress, reported: this.#reported };
  }

  #counting({ mode, onDenied }: EgressOptions): (denial: EgressDenial) => void {
    return (denial) => {
      if (mode === "report") this.#reported++;
      else this.#egress++;
      onDenied?.(denial);
    };
  }
}

function checkTenant(name: string): void {
  if (name.length <= MOST_CHARACTERS) return;
  throw invalidRequest(
    "tenant.name",
    `the name of a tenant has ${name.length} characters; at most ${MOST_CHARACTERS} are accepted`,
  );
}

function timesOf(tenant: TenantOptions): TimeOptions {
  const { maxCallMs, connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs } = tenant;
  return {
    ...(maxCallMs !== undefined && { maxCallMs }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(firstByteTimeoutMs !== undefined && { firstByteTimeoutMs }),
    ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
  };
}

function egressOf(name: string, own: TenantEgress, engine: EgressOptions): EgressOptions {
  const mode = own.mode ?? engine.mode ?? "enforce";
  if (mode === "report" && engine.mode !== "report" && own.extend !== true) {
    throw invalidRequest(
      "config.option",
      `tenants.${name}.egress.mode is report, which opens what the runtime refuses to others: ` +
        "set extend: true beside it",
    );
  }
  if (own.allow === undefined) return { ...engine, mode };
  const there = (rule: string) => `add "${rule}" to tenants.${name}.egress.allow`;
  if (own.extend === true) {
    return {
      ...engine,
      mode,
      allow: [...engine.allow ?? [], ...own.allow],
      howToPermit: (rule) => `${there(rule)} of the runtime's configuration`,
    };
  }
  const { howToPermit } = engine;
  return {
    ...engine,
    mode,
    allow: own.allow,
    within: engine.allow ?? [],
    howToPermit: (rule) =>
      `${there(rule)}, which narrows egress.allow${
        howToPermit ? `; where that does not permit it either, ${howToPermit(rule)}` : ""
      }`,
  };
}
