/** The options of an engine, and their defaults. */
import type { UpstreamOptions } from "../core/platform.ts";
import type { EgressOptions } from "../http/egress.ts";
import type { BreakerOptions } from "./breaker/breaker.ts";
import { resolveBreaker } from "./breaker/breaker_options.ts";
import { type BulkheadOptions, USUAL_BULKHEAD } from "./bulkhead/bulkhead.ts";
import { type CacheBounds, USUAL_CACHE } from "./cache/response_cache.ts";
import {
  type DatabaseOptions,
  resolveDatabases,
  type ResolvedDatabases,
} from "./database/database_options.ts";
import { type HedgeOptions, resolveHedge } from "./hedge/hedge_rules.ts";
import { type KeepBounds, USUAL_KEEP } from "./keep/kept_answers.ts";
import { type RecordBounds, USUAL_RECORDS } from "./idempotency/records.ts";
import { checkLimitRule, type LimitRule } from "./limits/limit_rule.ts";
import { checkQuotaRules, type QuotaRule } from "./quota/quota_book.ts";
import { type ResolvedRetry, resolveRetry, type RetryOptions } from "./retry/retry_options.ts";
import type { CallRecord } from "./stages/account.ts";
import type { RetryRecord } from "./stages/retry.ts";
import type { CredentialOptions } from "./credentials/credential.ts";
import { tenantLimits } from "./tenancy/tenant_limits.ts";
import type { TenantOptions } from "./tenancy/tenant_options.ts";
import { milliseconds, positive, resolveTimes, type TimeOptions, type Times } from "./times.ts";

export interface EngineOptions extends TimeOptions {
  /** Allowed destinations. Default: the public internet only. */
  readonly egress?: EgressOptions;
  /** Most header fields of a request. Default: 256. */
  readonly maxHeaderFields?: number;
  /** Rate limits, besides those that connectors declare. */
  readonly rateLimits?: readonly LimitRule[];
  /** What tenants may use per day or month. Kept in `quotaStorage`, else in memory. */
  readonly quotas?: readonly QuotaRule[];
  /** Waits when an API's answers say that it would refuse. Default: true. */
  readonly learn?: boolean;
  /** Calls in progress up to their response head: of all tenants, of each, and of each to one host. `false`: no limit. */
  readonly bulkhead?: Partial<BulkheadOptions> | false;
  /** How many answers to calls with an idempotency key are kept, and for how long. `false`: none, and repeated calls do not join. */
  readonly idempotency?: Partial<RecordBounds> | false;
  /** How many streamed answers are kept for callers who may come back, how much of each, and for how long. `false`: none. */
  readonly keep?: Partial<KeepBounds> | false;
  /** Caches answers to GETs as long as they allow, separately per tenant. Default: false. */
  readonly cache?: Partial<CacheBounds> | boolean;
  /** Lets identical GETs share one answer while it is in progress. Default: false. */
  readonly coalesce?: boolean;
  /** Default: 3 attempts for policies without a number, up to 20 for those with one. `false`: one attempt per call. */
  readonly retry?: RetryOptions | false;
  /** When requests are hedged: sent again while the first is unanswered. Default: as policies ask. `false`: never. */
  readonly hedge?: HedgeOptions | false;
  /** One breaker per tenant and origin. Default: see docs/runtime.md. `false`: none. */
  readonly breaker?: Partial<BreakerOptions> | false;
  /** What each tenant may do, by name; `default` applies to all others. Default: everything that `egress` allows. */
  readonly tenants?: Readonly<Record<string, TenantOptions>>;
  /** API secrets that the engine adds to calls, so that callers need not have them. */
  readonly credentials?: readonly CredentialOptions[];
  /** Pools, files that callers may open, and databases by name. */
  readonly databases?: DatabaseOptions;
  /** Sockets, limits on responses, private certificate authorities. */
  readonly upstream?: Partial<UpstreamOptions>;
  /** Called when a call ends. Must not throw. */
  readonly onCall?: (record: CallRecord) => void;
  /** Called for every failed attempt that will be repeated. Must not throw. */
  readonly onRetry?: (record: RetryRecord) => void;
}

export interface ResolvedOptions extends Times {
  readonly egress: EgressOptions;
  readonly maxHeaderFields: number;
  readonly rateLimits: readonly LimitRule[];
  readonly quotas: readonly QuotaRule[];
  readonly learn: boolean;
  readonly bulkhead: BulkheadOptions | undefined;
  readonly idempotency: RecordBounds | undefined;
  readonly keep: KeepBounds | undefined;
  readonly cache: CacheBounds | undefined;
  readonly coalesce: boolean;
  readonly retry: ResolvedRetry;
  readonly hedge: HedgeOptions;
  readonly breaker: BreakerOptions | undefined;
  readonly databases: ResolvedDatabases;
  readonly upstream: UpstreamOptions;
  readonly onCall: ((record: CallRecord) => void) | undefined;
  readonly onRetry: ((record: RetryRecord) => void) | undefined;
}

/** @throws ConnectorError `config.option` for zero, negative, fractional or missing numbers. */
export function resolveOptions(options: EngineOptions = {}): ResolvedOptions {
  const upstream = options.upstream ?? {};
  return {
    egress: options.egress ?? {},
    ...resolveTimes(options),
    maxHeaderFields: positive("maxHeaderFields", options.maxHeaderFields ?? 256),
    rateLimits: checkedLimits([...options.rateLimits ?? [], ...tenantLimits(options.tenants)]),
    quotas: checkQuotaRules(options.quotas ?? []),
    learn: options.learn ?? true,
    bulkhead: options.bulkhead === false ? undefined : resolveBulkhead(options.bulkhead),
    idempotency: options.idempotency === false
      ? undefined
      : bounds("idempotency", USUAL_RECORDS, options.idempotency),
    keep: options.keep === false ? undefined : bounds("keep", USUAL_KEEP, options.keep),
    cache: options.cache
      ? bounds("cache", USUAL_CACHE, options.cache === true ? {} : options.cache)
      : undefined,
    coalesce: options.coalesce ?? false,
    retry: resolveRetry(options.retry),
    hedge: resolveHedge(options.hedge),
    breaker: resolveBreaker(options.breaker),
    databases: resolveDatabases(options.databases),
    upstream: {
      ...upstream,
      maxSocketsPerHost: positive("upstream.maxSocketsPerHost", upstream.maxSocketsPerHost ?? 64),
      maxOpenPerHost: positive("upstream.maxOpenPerHost", upstream.maxOpenPerHost ?? 4_096),
      keepAliveMs: milliseconds("upstream.keepAliveMs", upstream.keepAliveMs ?? 30_000),
      maxInflationRatio: positive("upstream.maxInflationRatio", upstream.maxInflationRatio ?? 100),
      maxHeadBytes: positive("upstream.maxHeadBytes", upstream.maxHeadBytes ?? 65_536),
      wholeBodyBytes: positive("upstream.wholeBodyBytes", upstream.wholeBodyBytes ?? 65_536),
    },
    onCall: options.onCall,
    onRetry: options.onRetry,
  };
}

function checkedLimits(limits: readonly LimitRule[]): readonly LimitRule[] {
  limits.forEach((rule, at) => checkLimitRule(rule, `engine option rateLimits[${at}]`));
  return limits;
}

/** @throws ConnectorError `config.option`. */
export function resolveBulkhead(asked: Partial<BulkheadOptions> = {}): BulkheadOptions {
  const all = { ...USUAL_BULKHEAD, ...asked };
  const places = (name: keyof BulkheadOptions): number => positive(`bulkhead.${name}`, all[name]);
  return {
    total: places("total"),
    perTenant: places("perTenant"),
    perHost: places("perHost"),
    queue: all.queue === 0 ? 0 : places("queue"),
  };
}

/** Each must be a whole number above 0. */
function bounds<T extends { readonly [K in keyof T]: number }>(
  name: string,
  usual: T,
  asked: Partial<T> = {},
): T {
  const all = { ...usual, ...asked };
  for (const [key, value] of Object.entries<number>({ ...all })) positive(`${name}.${key}`, value);
  return all;
}
