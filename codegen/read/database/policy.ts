/** `policy` of a database: what of HTTP's means something here, and how many rows an answer may have. */
import type { Cursor } from "../../load/cursor.ts";
import type { PolicyModel, RetryPolicy } from "../../model/policy.ts";
import type { Context } from "../context.ts";
import { defined, Fields, readChoice } from "../fields/fields.ts";
import { readBackoff, readRate, readTimeout } from "../policy.ts";

export interface DatabasePolicy {
  readonly policy: PolicyModel;
  readonly maxRows: number | undefined;
}

/** Applied over `base`: keys here win. */
export function readDatabasePolicy(
  ctx: Context,
  cursor: Cursor | undefined,
  base: DatabasePolicy,
): DatabasePolicy {
  const fields = cursor && Fields.read(ctx.report, cursor, "databasePolicy");
  if (fields === undefined) return base;
  const timeoutAt = fields.at("timeout");
  const retryAt = fields.at("retry");
  const limitAt = fields.at("rateLimit");
  const limit = limitAt && Fields.read(ctx.report, limitAt, "databaseRateLimit");
  const rateAt = limit?.at("rate");
  const rate = rateAt && readRate(ctx, rateAt);
  const before = base.policy;
  const policy = defined({
    timeout: timeoutAt === undefined
      ? before.timeout
      : { ...before.timeout, ...readTimeout(ctx, timeoutAt) },
    retry: retryAt === undefined ? before.retry : { ...before.retry, ...readRetry(ctx, retryAt) },
    rateLimit: limitAt === undefined ? before.rateLimit : rate && { rate },
  }) as PolicyModel;
  return {
    policy,
    maxRows: fields.number("maxRows", { min: 1, max: 1_000_000, integer: true }) ?? base.maxRows,
  };
}

const CONDITIONS = ["connect", "timeout", "reset"] as const;

function readRetry(ctx: Context, cursor: Cursor): RetryPolicy {
  const fields = Fields.read(ctx.report, cursor, "databaseRetry");
  if (fields === undefined) return {};
  const list = (key: string): Cursor[] | undefined => fields.at(key) && fields.list(key);
  return defined({
    attempts: fields.number("attempts", { min: 1, max: 20, integer: true }),
    on: list("on")?.flatMap((at) => {
      const kind = readChoice(ctx.report, at, CONDITIONS);
      return kind === undefined ? [] : [{ kind }];
    }),
    maxWaitMs: fields.duration("maxWait"),
    wait: list("wait")?.flatMap((at) => {
      const wait = Fields.read(ctx.report, at, "waitBackoff");
      return wait === undefined ? [] : readBackoff(ctx, wait);
    }),
  }) as RetryPolicy;
}
