/** The operator's rate limits, as they are written. */
import { invalidRequest } from "../../core/errors.ts";

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
