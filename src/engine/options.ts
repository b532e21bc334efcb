/** What an engine can be told, and what it does when it is not. */
import { wholeAboveZero } from "../core/check_number.ts";
import type { CallPolicy } from "../core/call.ts";
import { LONGEST_MS } from "../core/clock.ts";
import { invalidRequest } from "../core/errors.ts";
import type { UpstreamOptions } from "../core/platform.ts";
import type { EgressOptions } from "../http/egress.ts";
import type { BreakerOptions } from "./breaker/breaker.ts";
import { resolveBreaker } from "./breaker/breaker_options.ts";
import { type BulkheadOptions, USUAL_BULKHEAD } from "./bulkhead/bulkhead.ts";
import { type CacheBounds, USUAL_CACHE } from "./cache/response_cache.ts";
import { type RecordBounds, USUAL_RECORDS } from "./idempotency/records.ts";
import { checkLimitRule, type LimitRule } from "./limits/limit_rule.ts";
import { type ResolvedRetry, resolveRetry, type RetryOptions } from "./retry/retry_options.ts";
import type { CallRecord } from "./stages/account.ts";
import type { RetryRecord } from "./stages/retry.ts";

export interface EngineOptions {
  /** Which destinations are open. Default: the public internet only. */
  readonly egress?: EgressOptions;
  /** Longest that a call may ask for, ms. Default: 3,600,000 (an hour). */
  readonly maxCallMs?: number;
  /**
   * For calls whose policy says nothing, ms. Default: 5,000. Set, this and the next three are also the most that a policy
   * gets; not set, it gets times up to `maxCallMs` and 20 redirects.
   */
  readonly connectTimeoutMs?: number;
  /** From sending to the response head, for calls whose policy says nothing, ms. Default: 60,000. */
  readonly firstByteTimeoutMs?: number;
  /** Between two pieces of a streamed response, for calls whose policy says nothing, ms. Default: 30,000. */
  readonly idleTimeoutMs?: number;
  /** Redirects followed, for calls whose policy says nothing. Default: 10. 0 answers with the redirect itself. */
  readonly maxRedirects?: number;
  /** Header fields that a request may have; more are refused. Default: 256. */
  readonly maxHeaderFields?: number;
  /** Rate limits, besides those that connectors declare. */
  readonly limits?: readonly LimitRule[];
  /** Waits before an API would refuse, as far as its answers tell. Default: true. */
  readonly learn?: boolean;
  /** Calls under way until their response head: of all tenants, of each, and of each to one host. `false`: no limit. */
  readonly bulkhead?: Partial<BulkheadOptions> | false;
  /** How many answers to calls with an idempotency key are kept, and how long. `false`: none, and equal calls do not join. */
  readonly idempotency?: Partial<RecordBounds> | false;
  /** Keeps answers to GETs as long as they say, each tenant's on their own. Default: false. */
  readonly cache?: Partial<CacheBounds> | boolean;
  /** Lets GETs that are equal in everything share one answer while it is under way. Default: false. */
  readonly coalesce?: boolean;
  /** Default: 3 attempts for policies that say nothing, up to 20 for those that do. `false`: one attempt each call. */
  readonly retry?: RetryOptions | false;
  /** Of each tenant and origin. Default: docs/runtime.md. `false`: none. */
  readonly breaker?: Partial<BreakerOptions> | false;
  /** Sockets, limits on responses, private certificate authorities. */
  readonly upstream?: Partial<UpstreamOptions>;
  /** Told about every call when it is over. Must not throw. */
  readonly onCall?: (record: CallRecord) => void;
  /** Told about every attempt that failed and is to be repeated. Must not throw. */
  readonly onRetry?: (record: RetryRecord) => void;
}

/** What a call's policy may ask for. */
type Hint = "connectTimeoutMs" | "firstByteTimeoutMs" | "idleTimeoutMs" | "maxRedirects";

/** As many as fetch follows. */
const MOST_REDIRECTS = 20;

export interface ResolvedOptions {
  readonly egress: EgressOptions;
  readonly maxCallMs: number;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxRedirects: number;
  readonly most: Readonly<Record<Hint, number>>;
  readonly maxHeaderFields: number;
  readonly limits: readonly LimitRule[];
  readonly learn: boolean;
  readonly bulkhead: BulkheadOptions | undefined;
  readonly idempotency: RecordBounds | undefined;
  readonly cache: CacheBounds | undefined;
  readonly coalesce: boolean;
  readonly retry: ResolvedRetry;
  readonly breaker: BreakerOptions | undefined;
  readonly upstream: UpstreamOptions;
  readonly onCall: ((record: CallRecord) => void) | undefined;
  readonly onRetry: ((record: RetryRecord) => void) | undefined;
}

/** @throws ConnectorError `config.option` for zero, negative, fractional or missing numbers. */
export function resolveOptions(options: EngineOptions = {}): ResolvedOptions {
  const upstream = options.upstream ?? {};
  const maxCallMs = milliseconds("maxCallMs", options.maxCallMs ?? 3_600_000);
  const usual: Record<Hint, number> = {
    connectTimeoutMs: milliseconds("connectTimeoutMs", options.connectTimeoutMs ?? 5_000),
    firstByteTimeoutMs: milliseconds("firstByteTimeoutMs", options.firstByteTimeoutMs ?? 60_000),
    idleTimeoutMs: milliseconds("idleTimeoutMs", options.idleTimeoutMs ?? 30_000),
    maxRedirects: options.maxRedirects === 0
      ? 0
      : positive("maxRedirects", options.maxRedirects ?? 10),
  };
  const most = (hint: Hint, otherwise: number): number =>
    options[hint] === undefined ? otherwise : usual[hint];
  return {
    egress: options.egress ?? {},
    maxCallMs,
    ...usual,
    most: {
      connectTimeoutMs: most("connectTimeoutMs", maxCallMs),
      firstByteTimeoutMs: most("firstByteTimeoutMs", maxCallMs),
      idleTimeoutMs: most("idleTimeoutMs", maxCallMs),
      maxRedirects: most("maxRedirects", MOST_REDIRECTS),
    },
    maxHeaderFields: positive("maxHeaderFields", options.maxHeaderFields ?? 256),
    limits: checkedLimits(options.limits ?? []),
    learn: options.learn ?? true,
    bulkhead: options.bulkhead === false ? undefined : resolveBulkhead(options.bulkhead),
    idempotency: options.idempotency === false
      ? undefined
      : bounds("idempotency", USUAL_RECORDS, options.idempotency),
    cache: options.cache
      ? bounds("cache", USUAL_CACHE, options.cache === true ? {} : options.cache)
      : undefined,
    coalesce: options.coalesce ?? false,
    retry: resolveRetry(options.retry),
    breaker: resolveBreaker(options.breaker),
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
  limits.forEach((rule, at) => checkLimitRule(rule, `engine option limits[${at}]`));
  return limits;
}

function resolveBulkhead(asked: Partial<BulkheadOptions> = {}): BulkheadOptions {
  const all = { ...USUAL_BULKHEAD, ...asked };
  const places = (name: keyof BulkheadOptions): number => positive(`bulkhead.${name}`, all[name]);
  return {
    total: places("total"),
    perTenant: places("perTenant"),
    perHost: places("perHost"),
    queue: all.queue === 0 ? 0 : places("queue"),
  };
}

/** Each of them whole and above 0. */
function bounds<T extends { readonly [K in keyof T]: number }>(
  name: string,
  usual: T,
  asked: Partial<T> = {},
): T {
  const all = { ...usual, ...asked };
  for (const [key, value] of Object.entries<number>({ ...all })) positive(`${name}.${key}`, value);
  return all;
}

function milliseconds(name: string, value: number): number {
  return Math.min(positive(name, value), LONGEST_MS);
}

/** Milliseconds that a call may take: its own wish, capped. @throws ConnectorError `request.timeout`. */
export function callTimeout(request: CallRequestTimeout, options: ResolvedOptions): number {
  const { timeoutMs } = request;
  if (timeoutMs > 0) return Math.min(timeoutMs, options.maxCallMs);
  throw invalidRequest("request.timeout", `timeoutMs is ${timeoutMs}; it must be above 0`);
}

/** What the call's policy asks for, capped by the operator's limit, else the engine's own. */
export function hinted(
  hint: Hint,
  policy: CallPolicy | undefined,
  options: ResolvedOptions,
): number {
  const asked = policy?.[hint];
  return asked === undefined ? options[hint] : Math.min(asked, options.most[hint]);
}

interface CallRequestTimeout {
  readonly timeoutMs: number;
}

function positive(name: string, value: number): number {
  return wholeAboveZero("config.option", `engine option ${name}`, value);
}
