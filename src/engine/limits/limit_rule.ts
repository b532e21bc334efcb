/** The operator's rate limits, as configured. */
import { invalidRequest } from "../../core/errors.ts";

/** Either `calls` or `cost`. Tenant, connector and host: absent, all share the limit; `*`, each has its own; else only that one. */
export interface LimitRule {
  /** Name for messages and metrics. Default: derived from the rule. */
  readonly name?: string;
  readonly tenant?: string;
  /** With `tenant: "*"`: tenants that the rule does not apply to. */
  readonly except?: readonly string[];
  readonly connector?: string;
  /** With a port unless it is the scheme's default: `api.example.com`, `127.0.0.1:8080`. */
  readonly host?: string;
  /** Calls per `perMs`. */
  readonly calls?: number;
  /** Units that `costFrom` counts, per `perMs`. */
  readonly cost?: number;
  readonly perMs: number;
  /** What may be taken at once. Default: as much as per `perMs`. */
  readonly burst?: number;
  /** A call's cost until its answer says, or if it does not say. Default: 1. */
  readonly guess?: number;
  /** Where JSON answers and the events of streams report the cost: `usage.total_tokens`; paths joined by `+` are added. */
  readonly costFrom?: string;
  /** A call that would have to wait longer is refused, ms. Default: 10,000. 0: no call waits. */
  readonly maxWaitMs?: number;
  /** Waiting calls per tenant; more are refused. Default: 1,024. */
  readonly maxQueued?: number;
  /** Counts calls that it would refuse, but lets them pass. Default: false. */
  readonly shadow?: boolean;
}

export const USUAL_WAIT_MS = 10_000;
export const USUAL_QUEUE = 1_024;

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
