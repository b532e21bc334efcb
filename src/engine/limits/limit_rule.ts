/** The operator's rate limits: whom a rule concerns, and which limit a call falls under. */
import type { Clock } from "../../core/clock.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { ActiveCall } from "../call.ts";
import { RecentMap } from "../state/recent_map.ts";
import { RateLimit } from "./rate_limit.ts";

/** `calls` or `cost`, one of both. Tenant, connector and host: absent, all share the limit; `*`, each has its own; else that one. */
export interface LimitRule {
  /** For messages and metrics. Default: made of what the rule says. */
  readonly name?: string;
  readonly tenant?: string;
  /** With `tenant: "*"`: those whom the rule does not concern. */
  readonly except?: readonly string[];
  readonly connector?: string;
  /** With its port, where that is not the scheme's own: `api.example.com`, `127.0.0.1:8080`. */
  readonly host?: string;
  /** Calls for each `perMs`. */
  readonly calls?: number;
  /** Of whatever `costFrom` counts, for each `perMs`. */
  readonly cost?: number;
  readonly perMs: number;
  /** What may be taken at once. Default: as much as for each `perMs`. */
  readonly burst?: number;
  /** What a call counts until its answer says what it cost, or when that does not say. Default: 1. */
  readonly guess?: number;
  /** Where a whole JSON answer says what the call cost: `usage.total_tokens`. */
  readonly costFrom?: string;
  /** A call that would have to wait longer is refused. Default: 10,000. 0: nobody waits. */
  readonly maxWaitMs?: number;
  /** Calls of a tenant that wait at a time; more are refused. Default: 1,024. */
  readonly maxQueued?: number;
  /** Counts what it would refuse and lets it pass. Default: false. */
  readonly shadow?: boolean;
}

export const USUAL_WAIT_MS = 10_000;
export const USUAL_QUEUE = 1_024;
/** Limits that a rule with `*` keeps; the ones used least recently are forgotten. */
const MOST_KEPT = 4_096;

/** One limit as it concerns one call. */
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

/** A rule with the limits that it has brought about. */
export class RuleLimits {
  readonly name: string;
  readonly #rule: LimitRule;
  readonly #each: readonly Part[];
  readonly #kept: RecentMap<AppliedLimit>;

  constructor(rule: LimitRule, clock: Clock, mayWait: boolean) {
    this.#rule = rule;
    this.name = rule.name ?? described(rule);
    this.#each = PARTS.filter((part) => rule[part] === "*");
    this.#kept = new RecentMap(MOST_KEPT, (key) => ({
      limit: new RateLimit({
        rate: {
          units: rule.calls ?? rule.cost ?? 1,
          perMs: rule.perMs,
          burst: rule.burst ?? rule.calls ?? rule.cost ?? 1,
        },
        maxWaitMs: mayWait ? rule.maxWaitMs ?? USUAL_WAIT_MS : 0,
        maxQueued: rule.maxQueued ?? USUAL_QUEUE,
        shadow: rule.shadow ?? false,
      }, clock),
      name: key === "" ? this.name : `${this.name} (${key})`,
      cost: rule.cost === undefined ? 1 : rule.guess ?? 1,
      costFrom: rule.costFrom,
    }));
  }

  /** How much a rule narrows down whom it concerns. */
  get narrowness(): number {
    return PARTS.filter((part) => this.#rule[part] !== undefined).length;
  }

  of(call: ActiveCall): AppliedLimit | undefined {
    for (const part of PARTS) {
      const wanted = this.#rule[part];
      if (wanted !== undefined && wanted !== "*" && wanted !== partOf(call, part)) return undefined;
    }
    if (this.#rule.except?.includes(call.request.tenantId)) return undefined;
    if (this.#each.length === 0) return this.#kept.get("");
    let key = "";
    for (const part of this.#each) key += `${key && ", "}${part} ${partOf(call, part)}`;
    return this.#kept.get(key);
  }

  /** Over all its limits. */
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

/** @throws ConnectorError `config.option`. */
export function checkLimitRule(rule: LimitRule, where: string): void {
  const fault = (what: string): never => {
    throw invalidRequest("config.option", `${where}${what}`);
  };
  if ((rule.calls === undefined) === (rule.cost === undefined)) {
    fault(" must have either calls or cost");
  }
  if (rule.cost === undefined && (rule.costFrom ?? rule.guess) !== undefined) {
    fault(".costFrom and .guess belong to a limit of cost, not of calls");
  }
  for (const name of ["calls", "cost", "perMs", "burst", "guess"] as const) {
    const value = rule[name];
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
      fault(`.${name} must be above 0, found ${value}`);
    }
  }
  for (const name of ["maxWaitMs", "maxQueued"] as const) {
    const value = rule[name];
    if (value !== undefined && !(value >= 0)) fault(`.${name} must be 0 or more, found ${value}`);
  }
}
