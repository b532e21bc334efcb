/**
 * Sends a request once more, beside the first, when no answer has begun for a while: the first good answer wins, and the other
 * attempts are given up. Each takes a retry from the budget, and counts like any other in what follows.
 */
import type { CallReply } from "../../core/call.ts";
import { deferred } from "../../core/deferred.ts";
import { ErrorClass, toConnectorError } from "../../core/errors.ts";
import { discard } from "../../core/read_limited.ts";
import { statusClass } from "../../http/status.ts";
import { type ActiveCall, cancelled, further } from "../call.ts";
import { adopt, branchOf } from "../hedge/branch.ts";
import { type HedgeOptions, type Hedging, hedgingOf } from "../hedge/hedge_rules.ts";
import { isRepeatable, mostAttempts, type RetryLimits } from "../retry/retry_rules.ts";
import type { Next, Stage } from "../stage.ts";
import type { Timeout, Timers } from "../timers.ts";

export interface HedgeDeps {
  readonly options: HedgeOptions;
  readonly limits: RetryLimits;
  readonly timers: Timers;
  /** Takes a retry from the call's budget; false when there is none left. */
  readonly withdraw: (call: ActiveCall) => boolean;
}

type Outcome =
  | { readonly reply: CallReply }
  | { readonly reply?: undefined; readonly error: unknown };

export function hedge({ options, limits, timers, withdraw }: HedgeDeps): Stage {
  async function race(call: ActiveCall, next: Next, hedging: Hedging): Promise<CallReply> {
    const most = Math.min(
      hedging.attempts,
      mostAttempts(call.request.policy?.retry, limits) - call.attempts,
    );
    const branches: ActiveCall[] = [];
    const outcomes = new Map<ActiveCall, Outcome>();
    const { promise: over, resolve } = deferred<ActiveCall>();
    let settled = false;
    let timeout: Timeout | undefined;

    function ended(branch: ActiveCall, outcome: Outcome): void {
      // It was given up in the moment in which it ended.
      if (settled) return outcome.reply && discard(outcome.reply.body);
      outcomes.set(branch, outcome);
      if (outcome.reply !== undefined && isGood(outcome.reply.status)) resolve(branch);
      else if (outcomes.size === branches.length) resolve(best(branches, outcomes));
    }

    function begin(): void {
      const branch = branchOf(call);
      branches.push(branch);
      attempt(branch, next).then(
        (reply) => ended(branch, { reply }),
        (error: unknown) => ended(branch, { error }),
      );
      if (branches.length < most) timeout = timers.after(hedging.afterMs, again);
    }

    /** What waits in a queue of our own would wait there twice, and what has failed is for retries to repeat. */
    function again(): void {
      const asked = branches.every((branch) =>
        branch.waitingFor === undefined && branch.sent !== "no" && !outcomes.has(branch)
      );
      if (!asked || !withdraw(call)) return;
      call.hedges++;
      begin();
    }

    begin();
    const chosen = await over;
    settled = true;
    timeout?.cancel();
    adopt(call, chosen);
    for (const branch of branches) {
      if (branch === chosen) continue;
      const reply = outcomes.get(branch)?.reply;
      if (reply !== undefined) discard(reply.body);
      const error = cancelled(branch.sent);
      branch.finish({ error });
      branch.stop(error);
    }
    const outcome = outcomes.get(chosen) as Outcome;
    if (outcome.reply === undefined) throw further(toConnectorError(outcome.error), call.sent);
    const { attempts, hedges } = call;
    return { ...outcome.reply, attempts, ...(hedges > 0 && { hedges }) };
  }

  return (call, next) => {
    const { request } = call;
    // A database that is slow gets slower by being asked twice.
    if (call.asked !== undefined) return next(call);
    // Nearly all calls: nobody asked for it.
    if (request.policy?.hedge === undefined && options.afterMs === undefined) return next(call);
    const hedging = hedgingOf(request, isRepeatable(request, limits), options);
    return hedging === undefined ? next(call) : race(call, next, hedging);
  };
}

/** A stage may throw instead of rejecting. */
async function attempt(branch: ActiveCall, next: Next): Promise<CallReply> {
  return await next(branch);
}

/** Asking again would not bring another. */
function isGood(status: number): boolean {
  const found = statusClass(status);
  return found === ErrorClass.Success || found === ErrorClass.Permanent ||
    found === ErrorClass.InvalidRequest;
}

/** None is good: an answer says most, then what happened at the API. */
function best(branches: readonly ActiveCall[], outcomes: Map<ActiveCall, Outcome>): ActiveCall {
  const value = (branch: ActiveCall): number => {
    const outcome = outcomes.get(branch) as Outcome;
    if (outcome.reply !== undefined) return 2;
    return toConnectorError(outcome.error).origin === "upstream" ? 1 : 0;
  };
  return branches.toSorted((a, b) => value(b) - value(a))[0] as ActiveCall;
}
