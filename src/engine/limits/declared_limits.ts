/** The limits that connectors declare for their APIs: one per tenant, connector, host and credentials. */
import type { Clock } from "../../core/clock.ts";
import type { ActiveCall } from "../call.ts";
import { TenantMap, USUAL_BOUNDS } from "../state/tenant_map.ts";
import { credentialsOf } from "./credentials.ts";
import { USUAL_QUEUE, USUAL_WAIT_MS } from "./limit_rule.ts";
import type { AppliedLimit } from "./rule_limits.ts";
import type { SharedRates } from "./supply.ts";
import { RateLimit } from "./rate_limit.ts";

interface Kept {
  applied: AppliedLimit | undefined;
}

export class DeclaredLimits {
  readonly #kept: TenantMap<Kept> = new TenantMap<Kept>(
    () => ({ applied: undefined }),
    USUAL_BOUNDS,
    ({ applied }) => applied?.limit.inForce === true,
  );
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  readonly #shared: SharedRates | undefined;

  constructor(clock: Clock, mayWait: boolean, shared?: SharedRates) {
    this.#shared = shared;
    this.#clock = clock;
    this.#maxWaitMs = mayWait ? USUAL_WAIT_MS : 0;
  }

  of({ request, target }: ActiveCall): AppliedLimit | undefined {
    const declared = request.policy?.rateLimit?.rate;
    if (declared === undefined) return undefined;
    const { calls, perMs, burst } = declared;
    const { tenantId, connector } = request;
    const host = target?.host ?? "";
    // Two versions of a connector with different rates each obey their own.
    const key = `${connector}\n${host}\n${calls}/${perMs}/${burst}\n${
      credentialsOf(request, this.#shared?.salt)
    }`;
    const kept = this.#kept.get(tenantId, key);
    if (kept.applied !== undefined) return kept.applied;
    const rate = { units: calls, perMs, burst };
    return kept.applied = {
      limit: new RateLimit({
        rate,
        supply: this.#shared?.supply(`${tenantId}\n${key}`, rate),
        maxWaitMs: this.#maxWaitMs,
        maxQueued: USUAL_QUEUE,
        shadow: false,
      }, this.#clock),
      name: `${calls} calls in ${
        perMs / 1_000
      } s that connector ${connector} declares (tenant ${tenantId}, host ${host})`,
      cost: 1,
      costFrom: undefined,
    };
  }

  get tenants(): number {
    return this.#kept.tenants;
  }

  totals(): { readonly queued: number; readonly refused: number } {
    let queued = 0;
    let refused = 0;
    for (const [, , { applied }] of this.#kept.entries()) {
      queued += applied?.limit.queued ?? 0;
      refused += applied?.limit.refused ?? 0;
    }
    return { queued, refused };
  }
}
