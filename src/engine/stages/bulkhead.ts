/** A place for each call until its response head: hanging calls use up their own tenant's places, not others'. */
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import {
  Bulkhead,
  type BulkheadOptions,
  type Place,
  type TenantPlaces,
} from "../bulkhead/bulkhead.ts";
import type { ActiveCall, AttemptEnd } from "../call.ts";
import { inQueue } from "../queue.ts";
import type { Stage } from "../stage.ts";

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

  function wait(call: ActiveCall, host: string): PromiseLike<Place> {
    const { tenantId } = call.request;
    return inQueue(call, clock, `a place (tenant ${tenantId}, host ${host})`, (onTurn) => {
      const waiter = places.wait(tenantId, host, onTurn);
      if (waiter !== undefined) return () => places.leave(waiter);
      refusals++;
      throw full(call, host, limits(tenantId));
    });
  }

  return {
    stage(call, next) {
      const host = call.target?.host ?? "";
      const place = places.enter(call.request.tenantId, host);
      if (place !== undefined) {
        call.onHead(new Taken(places, place));
        return next(call);
      }
      return wait(call, host).then((found) => {
        call.onHead(new Taken(places, found));
        call.signal.throwIfAborted();
        return next(call);
      });
    },
    figures: () => ({ active: places.active, queued: places.queued, refused: refusals }),
    tenants: () => places.tenants,
  };
}

/** The place of an attempt, left at its end. */
class Taken implements AttemptEnd {
  readonly #places: Bulkhead;
  readonly #place: Place;

  constructor(places: Bulkhead, place: Place) {
    this.#places = places;
    this.#place = place;
  }

  answered(): void {
    this.#places.release(this.#place);
  }

  failed(): void {
    this.#places.release(this.#place);
  }
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
