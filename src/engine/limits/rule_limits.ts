/** The limits of a rule: which calls it applies to, and which limit a call falls under. */
import type { Clock } from "../../core/clock.ts";
import type { ActiveCall } from "../call.ts";
import { RecentMap } from "../state/recent_map.ts";
import { type LimitRule, USUAL_QUEUE, USUAL_WAIT_MS } from "./limit_rule.ts";
import type { SharedRates } from "./supply.ts";
import { RateLimit } from "./rate_limit.ts";

/** Limits kept by a rule with `*`; the least recently used are forgotten. */
const MOST_KEPT = 4_096;

/** One limit as it applies to one call. */
export interface AppliedLimit {
  readonly limit: RateLimit;
  /** `100 calls in 60 s for tenant a`. */
  readonly name: string;
  readonly cost: number;
  readonly costFrom: string | undefined;
}

const PARTS = ["tenant", "connector", "host"] as const;
type Part = (typeof PARTS)[number];

function partOf(call: ActiveCall, part: Part): string {
  if (part === "host") return call.target?.host ?? "";
  return part === "tenant" ? call.request.tenantId : call.request.connector;
}

/** A rule with the limits created by it. */
export class RuleLimits {
  readonly name: string;
  readonly #rule: LimitRule;
  readonly #each: readonly Part[];
  /** What a call must have, and what of it. */
  readonly #wanted: readonly (readonly [Part, string])[];
  readonly #kept: RecentMap<AppliedLimit>;

  constructor(rule: LimitRule, clock: Clock, mayWait: boolean, shared?: SharedRates) {
    this.#rule = rule;
    this.name = rule.name ?? described(rule);
    this.#each = PARTS.filter((part) => rule[part] === "*");
    this.#wanted = PARTS.flatMap((part) => {
      const wanted = rule[part];
      return wanted === undefined || wanted === "*" ? [] : [[part, wanted] as const];
    });
    const [only] = this.#each;
    const units = rule.calls ?? rule.cost ?? 1;
    const rate = { units, perMs: rule.perMs, burst: rule.burst ?? units };
    this.#kept = new RecentMap(MOST_KEPT, (key) => ({
      limit: new RateLimit({
        rate,
        supply: shared?.supply(`${this.name}\n${key}`, rate),
        maxWaitMs: mayWait ? rule.maxWaitMs ?? USUAL_WAIT_MS : 0,
        maxQueued: rule.maxQueued ?? USUAL_QUEUE,
        shadow: rule.shadow ?? false,
      }, clock),
      name: only === undefined
        ? this.name
        : `${this.name} (${this.#each.length === 1 ? `${only} ${key}` : key})`,
      cost: rule.cost === undefined ? 1 : rule.guess ?? 1,
      costFrom: rule.costFrom,
    }), ({ limit }) => limit.inForce);
  }

  /** How narrowly a rule applies. */
  get narrowness(): number {
    return PARTS.filter((part) => this.#rule[part] !== undefined).length;
  }

  of(call: ActiveCall): AppliedLimit | undefined {
    for (const [part, wanted] of this.#wanted) {
      if (wanted !== partOf(call, part)) return undefined;
    }
    if (this.#rule.except?.includes(call.request.tenantId)) return undefined;
    const [only] = this.#each;
    if (only === undefined) return this.#kept.get("");
    // No text is joined, and its hash is known, where calls differ in one part.
    if (this.#each.length === 1) return this.#kept.get(partOf(call, only));
    let key = "";
    for (const part of this.#each) key += `${key && ", "}${part} ${partOf(call, part)}`;
    return this.#kept.get(key);
  }

  /** Summed over all its limits. */
  totals(): { readonly queued: number; readonly refused: number } {
    let queued = 0;
    let refused = 0;
    for (const [, { limit }] of this.#kept.entries()) {
      queued += limit.queued;
      refused += limit.refused;
    }
    return { queued, refused };
  }
}

function described({ calls, cost, perMs, ...rule }: LimitRule): string {
  const whom = PARTS.filter((part) => rule[part] !== undefined && rule[part] !== "*")
    .map((part) => ` for ${part} ${rule[part]}`);
  return `${calls ?? cost} ${calls === undefined ? "units" : "calls"} in ${perMs / 1_000} s` +
    whom.join("");
}
