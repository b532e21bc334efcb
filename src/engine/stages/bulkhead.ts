/** A place for each call until its response head: hanging calls use up their own tenant's places, not others'. */
import type { CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import {
  Bulkhead,
  type BulkheadOptions,
  type Place,
  type TenantPlaces,
} from "../bulkhead/bulkhead.ts";
import type { ActiveCall } from "../call.ts";
import { inQueue } from "../queue.ts";
import type { Next, Stage } from "../stage.ts";

export interface BulkheadFigures {
  /** Places taken. */
  readonly active: number;
  readonly queued: number;
  /** Since the start. */
  readonly refused: number;
}

export interface BulkheadStage {
  readonly stage: Stage;
  figures(): BulkheadFigures;
  /** Tenants with state. */
  tenants(): number;
}

export function bulkhead(
  options: BulkheadOptions,
  limitsOf: (tenantId: string) => TenantPlaces,
  clock: Clock,
  mayWait: boolean,
): BulkheadStage {
  const limits = mayWait ? limitsOf : (tenantId: string) => ({ ...limitsOf(tenantId), queue: 0 });
  const places = new Bulkhead(options, limits);
  let refusals = 0;

  function wait(call: ActiveCall, host: string): Promise<Place> {
    const { tenantId } = call.request;
    return inQueue(call, clock, `a place (tenant ${tenantId}, host ${host})`, (onTurn) => {
      const waiter = places.wait(tenantId, host, onTurn);
      if (waiter !== undefined) return () => places.leave(waiter);
      refusals++;
      throw full(call, host, limits(tenantId));
    });
  }

  function run(call: ActiveCall, place: Place, next: Next): PromiseLike<CallReply> {
    const leave = (): void => places.release(place);
    try {
      const reply = next(call);
      // A separate listener, so that the caller's promise is not delayed.
      reply.then(leave, leave);
      return reply;
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    stage(call, next) {
      const host = call.target?.host ?? "";
      const place = places.enter(call.request.tenantId, host);
      if (place !== undefined) return run(call, place, next);
      return wait(call, host).then((found) => {
        if (!call.signal.aborted) return run(call, found, next);
        places.release(found);
        throw call.signal.reason;
      });
    },
    figures: () => ({ active: places.active, queued: places.queued, refused: refusals }),
    tenants: () => places.tenants,
  };
}

function full(call: ActiveCall, host: string, limits: TenantPlaces): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "bulkhead.full",
    message: `tenant ${call.request.tenantId} has as many calls in progress as it may ` +
      `(${limits.perTenant}, ${limits.perHost} to ${host}), and ${limits.queue} waiting`,
    retryAfterMs: RETRY_AFTER_MS,
  });
}

/** Places become free as calls end, which cannot be predicted. */
const RETRY_AFTER_MS = 1_000;
