/** The engine executes calls: the same one in this process, in the daemon and in the worker. */
import type { CallReply, CallRequest, Health, Transport } from "../core/call.ts";
import type { CallSignal } from "../core/async/call_signal.ts";
import { Soon } from "../core/async/soon.ts";
import { withCallHeaders } from "../core/call_headers.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../core/errors.ts";
import { isLater, streamGone } from "../core/rules/keep.ts";
import type { Platform, Upstream } from "../core/platform.ts";
import { splitAllowList } from "../http/allow.ts";
import { createCredentials } from "./credentials/insert.ts";
import { createInFlight } from "./active.ts";
import { guardResponse } from "./body.ts";
import { ActiveCall, cancelled, stamp, withDetails } from "./call.ts";
import { type EngineOptions, resolveOptions } from "./options.ts";
import { type KeepFigures, KeptAnswers } from "./keep/kept_answers.ts";
import { callTimeout, hinted } from "./times.ts";
import { reached } from "./hedge/branch.ts";
import { QuotaBook, type QuotaFigures } from "./quota/quota_book.ts";
import type { QuotaStorage } from "./quota/quota_row.ts";
import type { Sharing } from "./leases/sharing.ts";
import { pipeline } from "./pipeline.ts";
import { attempt } from "./stage.ts";
import { account, type EngineStats } from "./stages/account.ts";
import { createDatabases, type DatabaseFigures } from "./database/databases.ts";
import { authorize } from "./stages/authorize.ts";
import { type BreakerFigures, createBreakers, NO_BREAKERS } from "./stages/breaker.ts";
import { createLookups, type LookupFigures } from "./bulkhead/lookups.ts";
import { bulkhead, type BulkheadFigures } from "./stages/bulkhead.ts";
import { cache } from "./stages/answers/cache.ts";
import { coalesce } from "./stages/answers/coalesce.ts";
import { deadline } from "./stages/deadline.ts";
import { hedge } from "./stages/hedge.ts";
import { createKeyedCalls, idempotency, type KeyedCalls } from "./stages/answers/idempotency.ts";
import { learned } from "./stages/learned.ts";
import { quota } from "./stages/quota.ts";
import { rate, type RateFigures } from "./stages/rate.ts";
import { type BudgetFigures, retry } from "./stages/retry.ts";
import { trace } from "./stages/trace.ts";
import { upstreamStage } from "./stages/upstream.ts";
import { validate } from "./stages/validate.ts";
import { createPlaces } from "./tenancy/tenant_places.ts";
import { type Denials, Tenants } from "./tenancy/tenants.ts";
import { createSingleTimers, createTimers } from "./timers.ts";

export { createKeyedCalls, type KeyedCalls } from "./stages/answers/idempotency.ts";
export type { LimitRule } from "./limits/limit_rule.ts";
export type { QuotaRule } from "./quota/quota_book.ts";
export type { EngineOptions } from "./options.ts";
export type { CallRecord, EngineStats } from "./stages/account.ts";
export type { RetryOptions } from "./retry/retry_options.ts";
export type { RetryRecord } from "./stages/retry.ts";
export type { EgressDenial, EgressOptions, Listener } from "../http/egress.ts";

export interface EngineDeps {
  readonly platform: Platform;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Randomises waits; returns 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** Where quotas are kept; the engine closes it. Default: in memory. */
  readonly quotaStorage?: QuotaStorage | undefined;
  /** Calls with idempotency keys: the same for engines that take each other's place. Default: this engine's own. */
  readonly keyedCalls?: KeyedCalls | undefined;
  /** What this process shares with others; not closed by the engine. Default: nothing. */
  readonly sharing?: Pick<Sharing, "rates" | "breakers"> | undefined;
}

export interface Engine extends Transport {
  readonly address: "embedded:";
  readonly protocol: "embedded";
  /** As `call`, with the answer in the turn in which it comes; `signal` takes the place of the request's. */
  begin(request: CallRequest, signal?: CallSignal): PromiseLike<CallReply>;
  /** Figures since the start; cheap. */
  stats(): EngineStats;
  /** What is waiting, and what the engine's limits and policies refused. */
  admission(): AdmissionFigures;
  /** Whether there is a credential for a connector's calls. */
  serves(connector: string): boolean;
  /** Whether it keeps the streamed answer that a call asks for; without a call: any. */
  keeps(call?: Pick<CallRequest, "tenantId" | "keep">): boolean;
}

export interface AdmissionFigures {
  readonly rates: readonly RateFigures[];
  /** Absent: switched off. */
  readonly bulkhead: BulkheadFigures | undefined;
  readonly lookups: LookupFigures;
  readonly denials: Denials;
  /** Tenants for which limits and places keep state. */
  readonly tenants: number;
  readonly quotas: {
    /** Quotas of the tenants that called first. */
    readonly used: readonly QuotaFigures[];
    readonly refused: number;
  };
  readonly breakers: BreakerFigures;
  readonly retryBudgets: readonly BudgetFigures[];
  readonly databases: DatabaseFigures;
  /** Answers that are kept for callers who may come back. */
  readonly kept: KeepFigures;
}

/** Callers can invent any number of tenants, so the figures about them are limited. */
const MOST_SHOWN = 200;

/** The credits that a health answer offers if nothing else limits them: the most calls that one connection may have open. */
const CREDITS = 10_000;

/**
 * Rules in the environment variable VASTAR_ALLOW are added to `options.egress.allow`.
 * @throws ConnectorError `config.option`, `config.allow_rule`.
 */
export function createEngine(options: EngineOptions, deps: EngineDeps): Engine {
  const { platform, clock = systemClock, random = Math.random } = deps;
  const resolved = resolveOptions(options);
  const timers = platform.name === "workerd" ? createSingleTimers(clock) : createTimers(clock);
  const active = createInFlight();
  const accounting = account(clock, resolved.onCall);
  let closed = false;
  let upstream: Upstream | undefined;
  let opening: Promise<Upstream> | undefined;

  // Loading code needs file descriptors: if it failed for lack of one, the next call tries again.
  const openUpstream = (): Promise<Upstream> =>
    Promise.resolve().then(() => platform.createUpstream(resolved.upstream)).then((ready) =>
      upstream = ready
    ).finally(() => opening = undefined);
  const open = (): Upstream | Promise<Upstream> => upstream ?? (opening ??= openUpstream());

  const lookups = createLookups(open);
  const fromEnv = splitAllowList(platform.env("VASTAR_ALLOW") ?? "");
  const tenants = new Tenants(
    options,
    { ...resolved.egress, allow: [...resolved.egress.allow ?? [], ...fromEnv] },
    { clock, resolver: lookups.resolver },
  );
  const credentials = createCredentials(options.credentials);
  // On workerd the end of one call cannot wake another: calls are let through or refused, but never wait.
  const mayWait = platform.name !== "workerd";
  const { quotas: quotaRules } = resolved;
  const quotas = quotaRules.length === 0
    ? undefined
    : new QuotaBook(quotaRules, deps.quotaStorage, clock, Object.keys(options.tenants ?? {}));
  const limits = rate(resolved.rateLimits, clock, mayWait, deps.sharing?.rates);
  const learning = resolved.learn ? learned(clock, mayWait) : undefined;
  const placed = mayWait || options.bulkhead ? resolved.bulkhead : undefined;
  const places = placed && bulkhead(placed, createPlaces(placed, options.tenants), clock, mayWait);
  const { retry: retrying, breaker, onRetry } = resolved;
  const breakers = breaker ? createBreakers(breaker, clock, deps.sharing?.breakers) : NO_BREAKERS;
  const repeats = retry({ options: retrying, clock, timers, random, breakers, onRetry });
  const databases = createDatabases(resolved.databases, {
    platform,
    ca: resolved.upstream.ca ?? [],
    clock,
    timers,
  });
  const web = upstreamStage({ upstream: open, credentials, options: resolved, clock, timers });
  const run = pipeline({
    account: accounting.stage,
    validate: validate(resolved.maxHeaderFields),
    deadline: deadline(timers),
    database: databases.stage,
    authorize,
    idempotency: resolved.idempotency &&
      idempotency(
        deps.keyedCalls ?? createKeyedCalls(),
        resolved.idempotency,
        clock,
        mayWait,
      ),
    cache: resolved.cache && cache(resolved.cache, clock),
    coalesce: resolved.coalesce && mayWait ? coalesce(clock) : undefined,
    quota: quotas && quota(quotas, clock),
    retry: repeats.stage,
    hedge: hedge({
      options: resolved.hedge,
      limits: retrying.limits,
      timers,
      withdraw: repeats.withdraw,
    }),
    attempt,
    rate: limits.stage,
    learned: learning?.stage,
    bulkhead: places?.stage,
    breaker: breakers.stage,
    trace,
    upstream: (call) => call.asked === undefined ? web(call) : databases.run(call, call.asked),
  });

  // Unique enough for logs of several processes, cheap enough for every call. Random values are drawn on first use
  // because workerd allows them only while it handles a request.
  let prefix: string | undefined;
  let count = 0;
  const nextId = (): string => {
    prefix ??= `${crypto.randomUUID().slice(0, 8)}-`;
    // Decimal: the other bases take a runtime several times as long.
    return prefix + ++count;
  };

  // A call that another keeps alive would end with the request that began it there.
  const keeping = resolved.keep && mayWait
    ? new KeptAnswers(resolved.keep, timers, enter)
    : undefined;

  function begin(
    request: CallRequest,
    signal: CallSignal | undefined = request.signal,
  ): PromiseLike<CallReply> {
    const { keep } = request;
    if (keep === undefined) return enter(request, signal);
    if (keeping !== undefined) return keeping.begin(request, keep, signal);
    return isLater(keep) ? Soon.rejected(streamGone()) : enter(request, signal);
  }

  function enter(request: CallRequest, signal: CallSignal | undefined): PromiseLike<CallReply> {
    const id = nextId();
    if (closed) return Soon.rejected(withDetails(engineClosed(), { requestId: id }));
    let entered: ActiveCall;
    try {
      const tenant = tenants.of(request.tenantId);
      entered = new ActiveCall(
        withCallHeaders(request),
        tenant,
        id,
        clock.monotonic(),
        callTimeout(request, tenant.times),
        active.remove,
      );
    } catch (error) {
      return Soon.rejected(withDetails(toConnectorError(error), { requestId: id }));
    }
    active.add(entered);
    if (signal !== undefined) {
      const onAbort = (): void => entered.abort(reasonOf(signal, entered));
      if (signal.aborted) return Soon.rejected(failed(entered, reasonOf(signal, entered)));
      signal.addEventListener("abort", onAbort);
      entered.onFinish(() => signal.removeEventListener("abort", onAbort));
    }
    try {
      entered.arriving = true;
      const reply = run(entered);
      entered.arriving = false;
      return reply.then((answer) => answered(entered, answer), (error: unknown) => {
        throw failed(entered, error);
      });
    } catch (error) {
      entered.arriving = false;
      return Soon.rejected(failed(entered, error));
    }
  }

  function call(request: CallRequest): Promise<CallReply> {
    const reply = begin(request);
    return new Promise((resolve, reject) => void reply.then(resolve, reject));
  }

  function answered(entered: ActiveCall, reply: CallReply): CallReply {
    if (entered.signal.aborted) throw failed(entered, entered.signal.reason);
    entered.upload?.settle();
    if (reply.body instanceof Uint8Array) {
      entered.bytesIn = reply.body.byteLength;
      entered.finish({ durationMs: reply.durationUs / 1_000 });
      return reply;
    }
    const idle = hinted("idleTimeoutMs", entered.request.policy, entered.tenant.times);
    return { ...reply, body: guardResponse(entered, reply.body, idle, timers) };
  }

  function failed(entered: ActiveCall, cause: unknown): ConnectorError {
    const reason: unknown = entered.signal.aborted ? entered.signal.reason : cause;
    const error = stamp(toConnectorError(reason), entered);
    entered.finish({ error });
    // An abandoned attempt (one redirect too many, a head too large) may still hold its socket.
    entered.stop(error);
    return error;
  }

  return {
    address: "embedded:",
    protocol: "embedded",
    async connect() {
      if (closed) throw engineClosed();
      await open();
      await quotas?.ready();
    },
    begin,
    call,
    health(): Promise<Health> {
      return Promise.resolve({
        healthy: !closed,
        message: closed ? "closed" : "ok",
        activeRequests: active.size,
        availableCredits: Math.max(0, CREDITS - active.size),
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      keeping?.close();
      active.each((entered) => entered.abort(engineClosed(entered)));
      await (upstream ?? await opening?.catch(() => undefined))?.close();
      await databases.close();
      await quotas?.close();
    },
    stats: accounting.stats,
    serves: credentials.serves,
    keeps(asking) {
      if (keeping === undefined) return false;
      return asking === undefined ? keeping.figures().streams > 0 : keeping.has(asking);
    },
    admission: () => ({
      rates: learning ? [...limits.figures(), learning.figures()] : limits.figures(),
      bulkhead: places?.figures(),
      lookups: lookups.figures(),
      denials: tenants.denials(),
      tenants: Math.max(limits.tenants(), learning?.tenants() ?? 0, places?.tenants() ?? 0),
      quotas: { used: quotas?.figures(MOST_SHOWN) ?? [], refused: quotas?.refused ?? 0 },
      breakers: breakers.figures(),
      retryBudgets: repeats.figures(),
      databases: databases.figures(),
      kept: keeping?.figures() ?? { streams: 0, bytes: 0 },
    }),
  };
}

/** A caller may abort with a ConnectorError of its own: a disconnect, a drain. How far the call got is known here. */
function reasonOf(signal: CallSignal, entered: ActiveCall): ConnectorError {
  const reason: unknown = signal.reason;
  if (!(reason instanceof ConnectorError)) return cancelled(reached(entered), reason);
  return withDetails(reason, { sent: reached(entered) });
}

function engineClosed(entered?: ActiveCall): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "client.closed",
    message: "the engine was closed",
    origin: "caller",
    sent: entered === undefined ? "no" : reached(entered),
  });
}
