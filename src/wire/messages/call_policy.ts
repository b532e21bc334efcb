/** Call policy hints on the wire: part of CallStart. Absent fields have the runtime's defaults. */
import type { Builder } from "../builder.ts";
import type { CallPolicy } from "../../core/call.ts";
import type {
  RateLimitPolicy,
  RetryCondition,
  RetryPolicy,
  RetryWait,
  WaitFormat,
} from "../../core/policy.ts";
import { readMs, wireMs, writeBytes, writeOffsets, writeString } from "../codec.ts";
import { CallStart as CallStartTable } from "../gen/call_start.ts";
import { RateLimitPolicy as RateLimitTable } from "../gen/rate_limit_policy.ts";
import { RetryCondition as RetryConditionTable } from "../gen/retry_condition.ts";
import { RetryOn } from "../gen/retry_on.ts";
import { RetryPolicy as RetryTable } from "../gen/retry_policy.ts";
import { RetryWait as RetryWaitTable } from "../gen/retry_wait.ts";
import {
  CallStartSlots,
  RateLimitPolicySlots,
  RetryConditionSlots,
  RetryPolicySlots,
  RetryWaitSlots,
} from "../gen/slots.ts";
import { UnsafeRetry } from "../gen/unsafe_retry.ts";
import { WaitFormat as WaitFormatNumber } from "../gen/wait_format.ts";
import {
  checkCount,
  MAX_HEADERS,
  MAX_RETRY_CONDITIONS,
  MAX_RETRY_WAITS,
  MAX_WAIT_FORMATS,
} from "../limits.ts";
import type { Table } from "../table.ts";
import { rulesOf, rulesText } from "./retry_rules.ts";

const RETRY_ON: Record<RetryCondition["kind"], number> = {
  status: RetryOn.Status,
  connect: RetryOn.Connect,
  timeout: RetryOn.Timeout,
  reset: RetryOn.Reset,
};
const UNSAFE: Record<NonNullable<RetryPolicy["unsafe"]>, number> = {
  never: UnsafeRetry.Never,
  keyed: UnsafeRetry.Keyed,
  always: UnsafeRetry.Always,
};
const WAIT_FORMATS: Record<WaitFormat, number> = {
  "ms": WaitFormatNumber.Milliseconds,
  "seconds": WaitFormatNumber.Seconds,
  "http-date": WaitFormatNumber.HttpDate,
  "duration": WaitFormatNumber.Duration,
  "unix": WaitFormatNumber.Unix,
  "unix-ms": WaitFormatNumber.UnixMilliseconds,
};
const FORMAT_NAMES = Object.keys(WAIT_FORMATS) as WaitFormat[];
const UNSAFE_NAMES = Object.keys(UNSAFE) as (keyof typeof UNSAFE)[];
const RETRY_ON_NAMES = Object.keys(RETRY_ON) as RetryCondition["kind"][];

/** Offsets that must be written before the table that refers to them. */
export interface PolicyOffsets {
  readonly secrets: number;
  readonly retry: number;
  readonly rateLimit: number;
}

const NONE: PolicyOffsets = { secrets: 0, retry: 0, rateLimit: 0 };

export function writePolicy(b: Builder, policy: CallPolicy | undefined): PolicyOffsets {
  if (policy === undefined) return NONE;
  const { secretHeaders = [], retry, rateLimit } = policy;
  checkCount(secretHeaders.length, MAX_HEADERS);
  return {
    secrets: writeOffsets(b, secretHeaders.map((name) => b.createString(name))),
    retry: retry === undefined ? 0 : writeRetry(b, retry),
    rateLimit: rateLimit === undefined ? 0 : writeRateLimit(b, rateLimit),
  };
}

/** Adds the policy's fields to the CallStart that is being written. */
export function addPolicy(
  b: Builder,
  policy: CallPolicy | undefined,
  offsets: PolicyOffsets,
): void {
  if (policy === undefined) return;
  CallStartTable.addConnectTimeoutMs(b, wireMs(policy.connectTimeoutMs ?? 0));
  CallStartTable.addFirstByteTimeoutMs(b, wireMs(policy.firstByteTimeoutMs ?? 0));
  CallStartTable.addIdleTimeoutMs(b, wireMs(policy.idleTimeoutMs ?? 0));
  CallStartTable.addIdempotent(b, policy.idempotent ?? false);
  CallStartTable.addSecretHeaders(b, offsets.secrets);
  CallStartTable.addRedirects(b, Math.min(1 + (policy.maxRedirects ?? -1), 0xffff));
  CallStartTable.addRetry(b, offsets.retry);
  CallStartTable.addRateLimit(b, offsets.rateLimit);
  CallStartTable.addHedgeAfterMs(b, wireMs(policy.hedge?.afterMs ?? 0));
  CallStartTable.addHedgeAttempts(b, Math.min(policy.hedge?.attempts ?? 0, 0xffff));
}

/** Undefined if the client gave no hint at all: the common case. */
export function readPolicy(t: Table): CallPolicy | undefined {
  const connect = readMs(t, CallStartSlots.connectTimeoutMs);
  const firstByte = readMs(t, CallStartSlots.firstByteTimeoutMs);
  const idle = readMs(t, CallStartSlots.idleTimeoutMs);
  const idempotent = t.bool(CallStartSlots.idempotent);
  const secrets = t.has(CallStartSlots.secretHeaders)
    ? t.strings(CallStartSlots.secretHeaders, MAX_HEADERS)
    : undefined;
  const redirects = t.u16(CallStartSlots.redirects);
  const retry = t.table(CallStartSlots.retry);
  const rateLimit = t.table(CallStartSlots.rateLimit);
  const afterMs = readMs(t, CallStartSlots.hedgeAfterMs);
  const attempts = t.u16(CallStartSlots.hedgeAttempts);
  const said = connect > 0 || firstByte > 0 || idle > 0 || idempotent || secrets !== undefined ||
    redirects > 0 || retry !== undefined || rateLimit !== undefined || afterMs > 0;
  if (!said) return undefined;
  return {
    ...(connect > 0 && { connectTimeoutMs: connect }),
    ...(firstByte > 0 && { firstByteTimeoutMs: firstByte }),
    ...(idle > 0 && { idleTimeoutMs: idle }),
    ...(idempotent && { idempotent }),
    ...(secrets !== undefined && { secretHeaders: secrets }),
    ...(redirects > 0 && { maxRedirects: redirects - 1 }),
    ...(retry !== undefined && { retry: readRetry(retry) }),
    ...(rateLimit !== undefined && { rateLimit: readRateLimit(rateLimit) }),
    ...(afterMs > 0 && { hedge: { afterMs, ...(attempts > 0 && { attempts }) } }),
  };
}

function writeRetry(b: Builder, retry: RetryPolicy): number {
  checkCount(retry.on?.length ?? 0, MAX_RETRY_CONDITIONS);
  checkCount(retry.wait?.length ?? 0, MAX_RETRY_WAITS);
  const on = retry.on === undefined
    ? 0
    : writeOffsets(b, retry.on.map((c) => writeCondition(b, c)), true);
  const wait = retry.wait === undefined
    ? 0
    : writeOffsets(b, retry.wait.map((w) => writeWait(b, w)), true);
  const rules = retry.rules === undefined ? 0 : writeString(b, rulesText(retry.rules));
  RetryTable.startRetryPolicy(b);
  RetryTable.addAttempts(b, Math.min(retry.attempts ?? 0, 0xffff));
  RetryTable.addOn(b, on);
  if (retry.unsafe !== undefined) RetryTable.addUnsafe(b, UNSAFE[retry.unsafe]);
  if (retry.maxWaitMs !== undefined) {
    RetryTable.addMaxWaitMs(b, BigInt(Math.round(retry.maxWaitMs)));
  }
  RetryTable.addWait(b, wait);
  RetryTable.addRules(b, rules);
  return RetryTable.endRetryPolicy(b);
}

function readRetry(t: Table): RetryPolicy {
  const attempts = t.u16(RetryPolicySlots.attempts);
  const unsafe = UNSAFE_NAMES[t.u8(RetryPolicySlots.unsafe) - 1];
  const maxWaitMs = t.i64(RetryPolicySlots.maxWaitMs, -1);
  return {
    ...(attempts > 0 && { attempts }),
    ...(t.has(RetryPolicySlots.on) &&
      { on: known(t.tables(RetryPolicySlots.on, MAX_RETRY_CONDITIONS, readCondition)) }),
    ...(unsafe !== undefined && { unsafe }),
    ...(maxWaitMs >= 0 && { maxWaitMs }),
    ...(t.has(RetryPolicySlots.wait) &&
      { wait: t.tables(RetryPolicySlots.wait, MAX_RETRY_WAITS, readWait) }),
    ...(t.has(RetryPolicySlots.rules) && { rules: rulesOf(t.string(RetryPolicySlots.rules)) }),
  };
}

function writeCondition(b: Builder, condition: RetryCondition): number {
  const { from, to } = condition.kind === "status" ? condition : { from: 0, to: 0 };
  return RetryConditionTable.createRetryCondition(b, RETRY_ON[condition.kind], from, to);
}

/** Undefined for a newer client's condition, which this runtime cannot meet. */
function readCondition(t: Table): RetryCondition | undefined {
  const kind = RETRY_ON_NAMES[t.u8(RetryConditionSlots.on)];
  if (kind !== "status") return kind === undefined ? undefined : { kind };
  return { kind, from: t.u16(RetryConditionSlots.from), to: t.u16(RetryConditionSlots.to) };
}

function writeWait(b: Builder, wait: RetryWait): number {
  const header = wait.kind === "header" ? b.createString(wait.header) : 0;
  const formats = wait.kind === "header" ? writeFormats(b, wait.as) : 0;
  RetryWaitTable.startRetryWait(b);
  RetryWaitTable.addHeader(b, header);
  RetryWaitTable.addFormats(b, formats);
  if (wait.kind === "backoff") {
    RetryWaitTable.addBaseMs(b, wait.baseMs);
    RetryWaitTable.addMaxMs(b, wait.maxMs);
  }
  return RetryWaitTable.endRetryWait(b);
}

function readWait(t: Table): RetryWait {
  if (t.has(RetryWaitSlots.header)) {
    return {
      kind: "header",
      header: t.string(RetryWaitSlots.header),
      as: readFormats(t, RetryWaitSlots.formats),
    };
  }
  return {
    kind: "backoff",
    baseMs: t.u32(RetryWaitSlots.baseMs),
    maxMs: t.u32(RetryWaitSlots.maxMs),
  };
}

function writeRateLimit(b: Builder, policy: RateLimitPolicy): number {
  const limit = writeString(b, policy.limitHeader ?? "");
  const remaining = writeString(b, policy.remainingHeader ?? "");
  const reset = writeString(b, policy.reset?.header ?? "");
  const formats = policy.reset === undefined ? 0 : writeFormats(b, policy.reset.as);
  RateLimitTable.startRateLimitPolicy(b);
  RateLimitTable.addCalls(b, policy.rate?.calls ?? 0);
  RateLimitTable.addPerMs(b, policy.rate?.perMs ?? 0);
  RateLimitTable.addBurst(b, policy.rate?.burst ?? 0);
  RateLimitTable.addLimitHeader(b, limit);
  RateLimitTable.addRemainingHeader(b, remaining);
  RateLimitTable.addResetHeader(b, reset);
  RateLimitTable.addResetFormats(b, formats);
  return RateLimitTable.endRateLimitPolicy(b);
}

function readRateLimit(t: Table): RateLimitPolicy {
  const calls = t.u32(RateLimitPolicySlots.calls);
  const perMs = t.u32(RateLimitPolicySlots.perMs);
  const burst = t.u32(RateLimitPolicySlots.burst);
  const limitHeader = t.string(RateLimitPolicySlots.limitHeader);
  const remainingHeader = t.string(RateLimitPolicySlots.remainingHeader);
  const header = t.string(RateLimitPolicySlots.resetHeader);
  const as = readFormats(t, RateLimitPolicySlots.resetFormats);
  return {
    ...(calls > 0 && { rate: { calls, perMs, burst } }),
    ...(limitHeader !== "" && { limitHeader }),
    ...(remainingHeader !== "" && { remainingHeader }),
    ...(header !== "" && { reset: { header, as } }),
  };
}

function writeFormats(b: Builder, formats: readonly WaitFormat[]): number {
  checkCount(formats.length, MAX_WAIT_FORMATS);
  return writeBytes(b, Uint8Array.from(formats, (format) => WAIT_FORMATS[format]));
}

function readFormats(t: Table, slot: number): WaitFormat[] {
  return known([...t.view(slot, MAX_WAIT_FORMATS) ?? []].map((format) => FORMAT_NAMES[format]));
}

function known<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
