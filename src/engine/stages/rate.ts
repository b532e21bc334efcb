/**
 * Rate limits, one after the other from narrow to broad: a call waiting for its tenant's own limit takes nothing from the one
 * that all share. Stands inside of retry, because an API counts each attempt.
 */
import type { CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { ActiveCall, AttemptEnd } from "../call.ts";
import { withCosts } from "../limits/cost.ts";
import { DeclaredLimits } from "../limits/declared_limits.ts";
import type { LimitRule } from "../limits/limit_rule.ts";
import { type AppliedLimit, RuleLimits } from "../limits/rule_limits.ts";
import { Claim, type Refusal, Waiter } from "../limits/rate_limit.ts";
import { inQueue } from "../queue.ts";
import type { Next, Stage } from "../stage.ts";
import type { SharedRates } from "../limits/supply.ts";

const AWAY_RETRY_MS = 5_000;

export interface RateFigures {
  /** Name of the configured rule, or `declared` for connectors' limits. */
  readonly limit: string;
  readonly queued: number;
  readonly refused: number;
}

export interface RateStage {
  readonly stage: Stage;
  figures(): readonly RateFigures[];
  /** Tenants with state. */
  tenants(): number;
}

/** What an attempt takes of a limit, given back if it was not sent. */
class Held implements AttemptEnd {
  readonly claim: Claim;
  readonly costFrom: string | undefined;
  readonly #before: number;

  constructor(call: ActiveCall, claim: Claim, costFrom: string | undefined) {
    this.claim = claim;
    this.costFrom = costFrom;
    this.#before = call.attempts;
  }

  answered(): void {}

  failed(call: ActiveCall, thrown: unknown): void {
    const unsent = call.attempts === this.#before ||
      (thrown instanceof ConnectorError && thrown.sent === "no");
    if (unsent) this.claim.cancel();
  }
}

/** Nearly all calls cost one each. */
const NONE: Held[] = [];

function hold(call: ActiveCall, { costFrom }: AppliedLimit, claim: Claim, costs: Held[]): void {
  const held = new Held(call, claim, costFrom);
  call.onHead(held);
  if (costFrom !== undefined) costs.push(held);
}

export function rate(
  rules: readonly LimitRule[],
  clock: Clock,
  mayWait: boolean,
  shared?: SharedRates,
): RateStage {
  const declared = new DeclaredLimits(clock, mayWait, shared);
  const configured = rules.map((rule) => new RuleLimits(rule, clock, mayWait, shared))
    .sort((a, b) => b.narrowness - a.narrowness);

  function limitsOf(call: ActiveCall): AppliedLimit[] | undefined {
    let found: AppliedLimit[] | undefined;
    const own = declared.of(call);
    if (own !== undefined) found = [own];
    for (const rule of configured) {
      const applied = rule.of(call);
      if (applied !== undefined) (found ??= []).push(applied);
    }
    return found;
  }

  async function turn(call: ActiveCall, { limit, name, cost }: AppliedLimit): Promise<Claim> {
    const turn = await inQueue<Claim | Refusal>(
      call,
      clock,
      `the rate limit of ${name}`,
      (onTurn) => {
        const leftMs = call.deadlineAt - clock.monotonic();
        const waiter = limit.wait(call.request.tenantId, cost, leftMs, onTurn);
        if (waiter instanceof Waiter) return () => limit.leave(waiter);
        throw refused(name, waiter.because, waiter.retryAfterMs);
      },
    );
    if (turn instanceof Claim) return turn;
    throw refused(name, turn.because, turn.retryAfterMs);
  }

  /** Waits for the limits from `first` on; those before are held. */
  async function wait(
    call: ActiveCall,
    limits: readonly AppliedLimit[],
    first: number,
    costs: Held[],
    next: Next,
  ): Promise<CallReply> {
    for (const applied of limits.slice(first)) {
      hold(call, applied, applied.limit.enter(applied.cost) ?? await turn(call, applied), costs);
    }
    // The turn may have come at the same moment as the end.
    call.signal.throwIfAborted();
    return settled(costs, await next(call));
  }

  return {
    stage(call, next) {
      const limits = limitsOf(call);
      if (limits === undefined) return next(call);
      let costs = NONE;
      for (let at = 0; at < limits.length; at++) {
        const applied = limits[at] as AppliedLimit;
        if (applied.costFrom !== undefined && costs === NONE) costs = [];
        const claim = applied.limit.enter(applied.cost, call.time(clock));
        if (claim === undefined) return wait(call, limits, at, costs === NONE ? [] : costs, next);
        hold(call, applied, claim, costs);
      }
      return costs === NONE ? next(call) : next(call).then((reply) => settled(costs, reply));
    },
    tenants: () => declared.tenants,
    figures: () => [
      { limit: "declared", ...declared.totals() },
      ...configured.map((rule) => ({ limit: rule.name, ...rule.totals() })),
    ],
  };
}

function settled(costs: readonly Held[], reply: CallReply): CallReply {
  return withCosts(
    reply,
    costs.flatMap(({ costFrom, claim }) =>
      costFrom === undefined ? [] : { from: costFrom, settle: (cost) => claim.settle(cost) }
    ),
  );
}

function refused(
  name: string,
  because: "wait" | "queue",
  waitMs: number,
): ConnectorError {
  if (waitMs === Infinity) return storeAway(name);
  const retryAfterMs = Math.ceil(waitMs);
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: because === "wait" ? "rate.limited" : "rate.queue_full",
    message: because === "wait"
      ? `the rate limit of ${name} is used up for the next ${retryAfterMs} ms`
      : `as many calls as allowed are already waiting for the rate limit of ${name}`,
    retryAfterMs,
  });
}

function storeAway(name: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "shared.away",
    message:
      `the rate limit of ${name} is shared with other runtimes, and the store that they share ` +
      "cannot be reached for too long",
    retryAfterMs: AWAY_RETRY_MS,
  });
}
