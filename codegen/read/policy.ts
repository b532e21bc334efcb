/** `policy`: timeouts, retries and rate limits. */
import type { Cursor } from "../load/cursor.ts";
import type {
  HedgePolicy,
  PolicyModel,
  RateLimitPolicy,
  RetryCondition,
  RetryPolicy,
  RetryWait,
  TimeoutModel,
  WaitFormat,
} from "../model/policy.ts";
import type { Context } from "./context.ts";
import { defined, describe, Fields, readChoice } from "./fields/fields.ts";
import { checkHeaderName } from "./headers.ts";
import { parseStatus } from "./fields/status.ts";

const FORMATS: readonly WaitFormat[] = [
  "ms",
  "seconds",
  "http-date",
  "duration",
  "unix",
  "unix-ms",
];
/** Client errors that may pass with time. */
const CURABLE = new Set([408, 409, 421, 423, 425, 429]);

export const NO_POLICY: PolicyModel = { timeout: {} };

/** Applied over `base`: keys here win. */
export function readPolicy(ctx: Context, cursor: Cursor, base: PolicyModel): PolicyModel {
  const fields = Fields.read(ctx.report, cursor, "policy");
  if (fields === undefined) return base;
  const timeoutAt = fields.at("timeout");
  const retryAt = fields.at("retry");
  const hedgeAt = fields.at("hedge");
  const limitAt = fields.at("rateLimit");
  const timeout = timeoutAt === undefined
    ? base.timeout
    : { ...base.timeout, ...readTimeout(ctx, timeoutAt) };
  const retry = retryAt === undefined ? base.retry : { ...base.retry, ...readRetry(ctx, retryAt) };
  const rateLimit = limitAt === undefined ? base.rateLimit : readRateLimit(ctx, limitAt);
  const hedge = hedgeAt === undefined
    ? base.hedge
    : hedgeAt.value === false
    ? undefined
    : readHedge(ctx, hedgeAt, { timeout, ...(retry !== undefined && { retry }) });
  return defined({ timeout, retry, hedge, rateLimit }) as PolicyModel;
}

function readHedge(
  ctx: Context,
  cursor: Cursor,
  { timeout: { totalMs }, retry }: PolicyModel,
): HedgePolicy | undefined {
  const fields = Fields.read(ctx.report, cursor, "hedge");
  const afterMs = fields?.duration("after");
  if (fields === undefined || afterMs === undefined) return undefined;
  if (totalMs !== undefined && afterMs >= totalMs) {
    ctx.report.add(
      "VC2006",
      fields.at("after") ?? cursor,
      "`after` is not shorter than `total`, so it never takes effect.",
      "Shorten it, or lengthen `total`.",
    );
  }
  if (retry?.attempts === 1) {
    ctx.report.add(
      "VC2008",
      cursor,
      "`retry.attempts` is 1, so no request is sent a second time, beside the first neither.",
      "Permit more attempts, or leave `hedge` out.",
      "key",
    );
  }
  return defined({
    afterMs,
    attempts: fields.number("attempts", { min: 2, max: 5, integer: true }),
  }) as HedgePolicy;
}

export function readTimeout(ctx: Context, cursor: Cursor): TimeoutModel {
  const fields = Fields.read(ctx.report, cursor, "timeout");
  if (fields === undefined) return {};
  const timeout = defined({
    connectMs: fields.duration("connect"),
    firstByteMs: fields.duration("firstByte"),
    idleMs: fields.duration("idle"),
    totalMs: fields.duration("total"),
  }) as TimeoutModel;
  for (const key of ["connect", "firstByte", "idle"] as const) {
    const part = timeout[`${key}Ms`];
    if (part === undefined || timeout.totalMs === undefined || part <= timeout.totalMs) continue;
    const message = `\`${key}\` is longer than \`total\`, so it never takes effect.`;
    ctx.report.add("VC2006", fields.at(key) ?? cursor, message, "Shorten it, or lengthen `total`.");
  }
  return timeout;
}

function readRetry(ctx: Context, cursor: Cursor): RetryPolicy {
  const fields = Fields.read(ctx.report, cursor, "retry");
  if (fields === undefined) return {};
  const on = fields.at("on") === undefined
    ? undefined
    : fields.list("on").flatMap((at) => readCondition(ctx, at));
  const wait = fields.at("wait") === undefined
    ? undefined
    : fields.list("wait").flatMap((at) => readWait(ctx, at));
  return defined({
    attempts: fields.number("attempts", { min: 1, max: 20, integer: true }),
    on,
    unsafe: fields.choice("unsafe", ["never", "keyed", "always"]),
    maxWaitMs: fields.duration("maxWait"),
    wait,
  }) as RetryPolicy;
}

function readCondition(ctx: Context, cursor: Cursor): RetryCondition[] {
  const { value } = cursor;
  if (value === "connect" || value === "timeout" || value === "reset") return [{ kind: value }];
  const range = parseStatus(value);
  if (range === undefined) {
    const message = `${describe(cursor)} is not a condition to retry on.`;
    ctx.report.add(
      "VC2003",
      cursor,
      message,
      "Write `connect`, `timeout`, `reset` or a status: `429`, `5xx`.",
    );
    return [];
  }
  const hopeless = range.to < 400 || (range.from < 500 && !CURABLE.has(range.from));
  if (hopeless) {
    const message = `Status ${String(value)} does not change when the same request is sent again.`;
    ctx.report.add("VC2002", cursor, message, "Retry on connect, timeout, 408, 429 and 5xx.");
  }
  return [{ kind: "status", ...range }];
}

function readWait(ctx: Context, cursor: Cursor): RetryWait[] {
  const isBackoff = cursor.at("backoff") !== undefined;
  const fields = Fields.read(ctx.report, cursor, isBackoff ? "waitBackoff" : "waitHeader");
  if (fields === undefined) return [];
  if (!isBackoff) {
    const found = readHeaderTime(ctx, fields);
    return found === undefined ? [] : [{ kind: "header", ...found }];
  }
  return readBackoff(ctx, fields);
}

export function readBackoff(ctx: Context, fields: Fields): RetryWait[] {
  const at = fields.at("backoff");
  const backoff = at && Fields.read(ctx.report, at, "backoff");
  const baseMs = backoff?.duration("base");
  const maxMs = backoff?.duration("max");
  if (at === undefined || baseMs === undefined || maxMs === undefined) return [];
  if (baseMs > maxMs) {
    ctx.report.add(
      "VC2004",
      at,
      "The first wait is longer than the longest.",
      "Make `base` at most `max`.",
    );
  }
  return [{ kind: "backoff", baseMs, maxMs }];
}

function readHeaderTime(
  ctx: Context,
  fields: Fields,
): { header: string; as: WaitFormat[] } | undefined {
  const header = fields.text("header");
  const at = fields.at("header");
  if (header !== undefined && at !== undefined) checkHeaderName(ctx.report, at, header, "value");
  const as = fields.list("as").flatMap((item) => {
    // `seconds|http-date` in one text is the short form of a list.
    if (typeof item.value !== "string" || !item.value.includes("|")) {
      return readChoice(ctx.report, item, FORMATS) ?? [];
    }
    const parts = item.value.split("|").map((part) =>
      FORMATS.find((format) => format === part.trim())
    );
    if (!parts.includes(undefined)) return parts as WaitFormat[];
    ctx.report.add(
      "VC1105",
      item,
      `${describe(item)} is not known here.`,
      `Known values: ${FORMATS.join(", ")}.`,
    );
    return [];
  });
  return header === undefined || as.length === 0 ? undefined : { header: header.toLowerCase(), as };
}

export function readRate(ctx: Context, cursor: Cursor): RateLimitPolicy["rate"] {
  const rate = Fields.read(ctx.report, cursor, "rate");
  const calls = rate?.number("calls", { min: 1, integer: true });
  const perMs = rate?.duration("per");
  if (calls === undefined || perMs === undefined) return undefined;
  return { calls, perMs, burst: rate?.number("burst", { min: 1, integer: true }) ?? calls };
}

function readRateLimit(ctx: Context, cursor: Cursor): RateLimitPolicy {
  const fields = Fields.read(ctx.report, cursor, "rateLimit");
  if (fields === undefined) return {};
  const header = (key: string): string | undefined => {
    const name = fields.text(key);
    const at = fields.at(key);
    if (name !== undefined && at !== undefined) checkHeaderName(ctx.report, at, name, "value");
    return name?.toLowerCase();
  };
  const resetAt = fields.at("reset");
  const told = fields.at("limit") ?? fields.at("remaining") ?? resetAt;
  if (told !== undefined && (fields.at("remaining") === undefined || resetAt === undefined)) {
    ctx.report.add(
      "VC2007",
      told,
      "The runtime learns nothing from headers that do not give both what is left and when it resets.",
      "Give `remaining` and `reset`, or leave them out.",
    );
  }
  const reset = resetAt && Fields.read(ctx.report, resetAt, "waitHeader");
  const rateAt = fields.at("rate");
  return defined({
    rate: rateAt && readRate(ctx, rateAt),
    limitHeader: header("limit"),
    remainingHeader: header("remaining"),
    reset: reset && readHeaderTime(ctx, reset),
  }) as RateLimitPolicy;
}
