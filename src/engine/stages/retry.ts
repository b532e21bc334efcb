/** Repeats failed attempts if that is harmless, may help, and stays within the budget. */
import { Soon } from "../../core/async/soon.ts";
import { type CallReply, tellRetry } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { deferred } from "../../core/deferred.ts";
import { type ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import type { RetryRule } from "../../core/policy.ts";
import { statusClass } from "../../http/status.ts";
import { type ActiveCall, further } from "../call.ts";
import { RetryBudget } from "../retry/retry_budget.ts";
import { retryDelay } from "../retry/retry_delay.ts";
import type { ResolvedRetry } from "../retry/retry_options.ts";
import { isRepeatable, mayRetry, mostAttempts } from "../retry/retry_rules.ts";
import { areAbout, judgeAnswer } from "../retry/said_by_rules.ts";
import type { Next, Stage } from "../stage.ts";
import { TenantMap } from "../state/tenant_map.ts";
import { keepingAlive } from "../keep_alive.ts";
import type { Timers } from "../timers.ts";
import type { Breakers } from "./breaker.ts";

/** A failed attempt that will be repeated. Contains no URL, header or body. */
export interface RetryRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly connector: string;
  readonly operation: string;
  readonly method: string;
  readonly host: string;
  /** Attempts made so far. */
  readonly attempts: number;
  /** Time until the next one, ms. */
  readonly waitMs: number;
  /** 0 if there was no response. */
  readonly status: number;
  /** Code of the error, if there was no response. */
  readonly code: string | undefined;
}

/** How an attempt ended: `mayRetry` judges it by its status or its error. */
type Attempt =
  | {
    readonly reply: CallReply;
    readonly status: number;
    readonly error?: undefined;
    readonly said: RetryRule["retry"] | undefined;
  }
  | { readonly reply?: undefined; readonly status?: undefined; readonly error: ConnectorError };

export interface RetryDeps {
  readonly options: ResolvedRetry;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Returns 0 to below 1. */
  readonly random: () => number;
  readonly breakers: Breakers;
  readonly onRetry: ((record: RetryRecord) => void) | undefined;
}

export interface BudgetFigures {
  readonly tenantId: string;
  readonly host: string;
  /** Retries available now. */
  readonly left: number;
}

export interface RetryStage {
  readonly stage: Stage;
  /** Takes a retry from the call's budget; false when there is none left. */
  withdraw(call: ActiveCall): boolean;
  /** Budgets that have been used. */
  figures(): readonly BudgetFigures[];
}

export function retry(deps: RetryDeps): RetryStage {
  const { options: { limits, delay, budget }, clock, timers, random, breakers } = deps;
  const budgets = budget && new TenantMap<RetryBudget>(() => new RetryBudget(budget));

  /** Milliseconds until the next attempt; undefined when this one was the last. */
  function nextIn(call: ActiveCall, attempt: Attempt, made: number): number | undefined {
    const { request } = call;
    const repeatable = isRepeatable(request, limits);
    // A streamed body that no attempt has begun to send is still there.
    const again = call.upload?.repeatable ?? true;
    if (!mayRetry(attempt, made, request, repeatable, again, limits)) return undefined;
    const leftMs = call.deadlineAt - clock.monotonic();
    const failed = { attempts: made, headers: attempt.reply?.headers, leftMs };
    const waitMs = retryDelay(failed, request.policy?.retry, delay, clock.now(), random);
    // An answer that is here tells more than the breaker's refusal of another attempt.
    if (waitMs === undefined || breakers.opensInMs(call) > waitMs) return undefined;
    return withdraw(call) ? waitMs : undefined;
  }

  function withdraw(call: ActiveCall): boolean {
    return budgetOf(call)?.withdraw(clock.monotonic()) ?? true;
  }

  function budgetOf(call: ActiveCall): RetryBudget | undefined {
    return budgets?.get(call.request.tenantId, call.target?.host ?? "");
  }

  async function attempts(
    call: ActiveCall,
    next: Next,
    first: PromiseLike<CallReply>,
  ): Promise<CallReply> {
    const { rules } = call.request.policy?.retry ?? {};
    let former: Attempt | undefined;
    for (let made = 1;; made++) {
      let attempt: Attempt;
      try {
        const answer = await (made === 1 ? first : next(call));
        const { reply, said } = rules !== undefined && areAbout(rules, answer.status)
          ? await judgeAnswer(rules, answer, timers)
          : { reply: answer, said: undefined };
        if (said === undefined && statusClass(reply.status) === ErrorClass.Success) return reply;
        attempt = { reply, status: reply.status, said };
      } catch (thrown) {
        attempt = { error: toConnectorError(thrown) };
      }
      const { reply, error } = attempt;
      // One that was hedged made several.
      const tried = Math.max(made, call.attempts);
      const waitMs = call.signal.aborted ? undefined : nextIn(call, attempt, tried);
      if (waitMs === undefined) return outcome(call, attempt, former);
      former = attempt;
      if (reply && !(reply.body instanceof Uint8Array)) {
        reply.body.cancel().catch(() => {});
        former = undefined;
      }
      tell(call, attempt, waitMs);
      // What one attempt sent, the next cannot take back.
      if (error?.sent !== "no") call.formerlySent = "maybe";
      call.sent = call.formerlySent;
      call.status = 0;
      await pause(call, waitMs);
    }
  }

  /** The host's failure tells more than a refusal by one of our own limits. */
  function outcome(call: ActiveCall, last: Attempt, former: Attempt | undefined): CallReply {
    const { reply, error } = former && isOwnRefusal(last) ? former : last;
    if (reply === undefined) throw further(error, call.formerlySent);
    call.status = reply.status;
    call.sent = "committed";
    return reply;
  }

  function tell(call: ActiveCall, { status = 0, error }: Attempt, waitMs: number): void {
    const { id, request, attempts: made, target } = call;
    tellRetry(request, { attempts: made, waitMs, status: status || undefined, code: error?.code });
    deps.onRetry?.({
      id,
      tenantId: request.tenantId,
      connector: request.connector,
      operation: request.operation,
      method: request.method,
      host: target?.host ?? "",
      attempts: made,
      waitMs,
      status,
      code: error?.code,
    });
  }

  /** Rejects as soon as the call is cancelled. */
  async function pause(call: ActiveCall, ms: number): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    const began = clock.monotonic();
    const onAbort = (): void => reject(call.signal.reason);
    const timeout = timers.after(ms, resolve);
    call.signal.addEventListener("abort", onAbort);
    try {
      await keepingAlive(promise);
    } finally {
      timeout.cancel();
      call.signal.removeEventListener("abort", onAbort);
      call.waitedMs += clock.monotonic() - began;
    }
  }

  return {
    stage(call, next) {
      if (mostAttempts(call.request.policy?.retry, limits) === 1) return next(call);
      budgetOf(call)?.deposit(call.startedAt);
      const first = begun(call, next);
      // Nearly every call is over with its first attempt, and needs no more than to be looked at.
      return first.then(
        (reply) => isDone(call, reply) ? reply : attempts(call, next, first),
        () => attempts(call, next, first),
      );
    },
    withdraw,
    figures() {
      const now = clock.monotonic();
      return [...budgets?.entries() ?? []].map(([tenantId, host, one]) => ({
        tenantId,
        host,
        left: one.left(now),
      }));
    },
  };
}

function begun(call: ActiveCall, next: Next): PromiseLike<CallReply> {
  try {
    return next(call);
  } catch (error) {
    return Soon.rejected(error);
  }
}

/** Unless the connector's rules look into answers that are fine by their status. */
function isDone({ request }: ActiveCall, { status }: CallReply): boolean {
  const rules = request.policy?.retry?.rules;
  return statusClass(status) === ErrorClass.Success &&
    (rules === undefined || !areAbout(rules, status));
}

function isOwnRefusal({ error }: Attempt): boolean {
  return error?.origin === "local" && error.errorClass === ErrorClass.RateLimited;
}
