/**
 * Names that are looked up at once: few in all, because the system's resolver may have as few threads, fewer for each tenant, and
 * handed out in turn between tenants. So one whose name servers do not answer keeps only its own calls waiting.
 */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { Upstream } from "../../core/platform.ts";
import type { Resolve, Resolver } from "../../http/dns.ts";
import { Bulkhead } from "./bulkhead.ts";

export interface LookupFigures {
  /** Questions to the resolver that it has not answered yet. */
  readonly active: number;
  readonly queued: number;
  /** Since the start. */
  readonly refused: number;
}

export interface Lookups {
  /** The upstream's resolver, within the limits. */
  readonly resolver: () => Promise<Resolver>;
  figures(): LookupFigures;
}

/** Of a resolver that does not say how many it answers at once. */
const AT_ONCE = 64;
/** Names of one tenant that may wait. Calls that ask for the same one count once. */
const QUEUE = 256;
const RETRY_AFTER_MS = 1_000;

export function createLookups(upstream: () => Upstream | Promise<Upstream>): Lookups {
  let places: Bulkhead | undefined;
  let refused = 0;

  function within(resolve: Resolve, atOnce: number): Resolve {
    const perTenant = Math.max(1, Math.floor(atOnce / 2));
    const limits = { total: atOnce, perTenant, perHost: perTenant, queue: QUEUE };
    const turns = places ??= new Bulkhead(limits);
    return async (host, signal, tenantId) => {
      // Names have no turns among themselves: there is one question for each.
      const place = turns.enter(tenantId, "") ?? await turn(turns, host, signal, tenantId);
      try {
        return await resolve(host, signal, tenantId);
      } finally {
        turns.release(place);
      }
    };
  }

  function turn(turns: Bulkhead, host: string, signal: AbortSignal, tenantId: string) {
    return new Promise<NonNullable<ReturnType<Bulkhead["enter"]>>>((found, fail) => {
      const waiter = turns.wait(tenantId, "", (place) => {
        signal.removeEventListener("abort", leave);
        found(place);
      });
      function leave(): void {
        if (waiter !== undefined && turns.leave(waiter)) fail(signal.reason);
      }
      if (waiter !== undefined) return signal.addEventListener("abort", leave);
      refused++;
      fail(full(host, tenantId));
    });
  }

  return {
    async resolver() {
      const { resolve, lookupsAtOnce = AT_ONCE } = await upstream();
      return resolve === undefined
        ? {}
        : { resolve: within((host) => resolve(host), lookupsAtOnce) };
    },
    figures: () => ({ active: places?.active ?? 0, queued: places?.queued ?? 0, refused }),
  };
}

function full(host: string, tenantId: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "dns.queue_full",
    message:
      `${host} was not looked up: ${QUEUE} other names of tenant ${tenantId} are waiting to be`,
    retryAfterMs: RETRY_AFTER_MS,
  });
}
