/** Counts what a tenant uses per day or month, and refuses calls when it is used up. Once per call, however many attempts. */
import type { CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { ActiveCall } from "../call.ts";
import { withCosts } from "../limits/cost.ts";
import type { QuotaRefusal } from "../quota/quota.ts";
import type { QuotaBook, TenantQuota } from "../quota/quota_book.ts";
import type { Next, Stage } from "../stage.ts";

const RETRY_AFTER_MS = 60_000;

export function quota(book: QuotaBook, clock: Clock): Stage {
  function take(call: ActiveCall, quotas: readonly TenantQuota[]): void {
    const now = clock.now();
    const part = book.part();
    for (let at = 0; at < quotas.length; at++) {
      const refusal = quotas[at]?.quota.take(now, part);
      if (refusal === undefined) continue;
      for (const { quota: taken } of quotas.slice(0, at)) taken.untake(now, now);
      book.refused++;
      throw exceeded(call, refusal);
    }
    book.changed();
    call.onFinish(({ error, durationMs }) => {
      const then = durationMs === undefined ? clock.now() : now + durationMs;
      const unsent = call.attempts === 0 || error?.sent === "no";
      for (let at = 0; at < quotas.length; at++) {
        if (unsent) quotas[at]?.quota.untake(now, then);
        else quotas[at]?.quota.add(then, call.bytesIn + call.bytesOut, 0);
      }
      book.changed();
    });
  }

  function charge(quotas: readonly TenantQuota[], reply: CallReply): CallReply {
    return withCosts(
      reply,
      quotas.flatMap(({ quota, costFrom }) =>
        costFrom === undefined ? [] : {
          from: costFrom,
          settle(cost) {
            quota.add(clock.now(), 0, cost);
            book.changed();
          },
        }
      ),
    );
  }

  function counted(call: ActiveCall, next: Next): PromiseLike<CallReply> {
    const quotas = book.of(call.request.tenantId);
    if (quotas === undefined) throw uncounted(call);
    if (quotas.length === 0) return next(call);
    take(call, quotas);
    return quotas.some(({ costFrom }) => costFrom !== undefined)
      ? next(call).then((reply) => charge(quotas, reply))
      : next(call);
  }

  return (call, next) => {
    const loading = book.ready();
    return loading === undefined ? counted(call, next) : loading.then(() => counted(call, next));
  };
}

function exceeded(call: ActiveCall, refusal: QuotaRefusal): ConnectorError {
  const { period, what, retryAfterMs } = refusal;
  if (refusal.away) return unknown(call, refusal);
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "quota.exceeded",
    message:
      `tenant ${call.request.tenantId} has used up its quota of ${what} for this ${period} (UTC)`,
    retryAfterMs: Math.ceil(retryAfterMs),
  });
}

function uncounted(call: ActiveCall): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "quota.exceeded",
    message:
      `quotas are already counted for as many tenants as possible, so ${call.request.tenantId} cannot be counted`,
    retryAfterMs: RETRY_AFTER_MS,
  });
}

function unknown(call: ActiveCall, { what, retryAfterMs }: QuotaRefusal): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "shared.away",
    message:
      `the quota of ${what} of tenant ${call.request.tenantId} is shared with other runtimes, ` +
      "and what they have used is not known: the store that they share cannot be reached",
    retryAfterMs,
  });
}
