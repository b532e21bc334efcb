/** Waits when an API's answers say that it would refuse: per tenant, connector, origin and set of credentials. */
import type { CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { firstHeader } from "../../core/headers.ts";
import { headerTime } from "../../http/header_time.ts";
import type { ActiveCall, AttemptEnd } from "../call.ts";
import { credentialsOf } from "../limits/credentials.ts";
import { type LearnedOptions, LearnedQueue, LearnedWaiter } from "../limits/learned_queue.ts";
import { USUAL_QUEUE, USUAL_WAIT_MS } from "../limits/limit_rule.ts";
import { readLimits, statesLimits } from "../limits/limit_headers.ts";
import type { Refusal } from "../limits/rate_limit.ts";
import type { Sighting } from "../limits/sighting.ts";
import { inQueue } from "../queue.ts";
import { TenantMap } from "../state/tenant_map.ts";
import type { Stage } from "../stage.ts";
import type { RateFigures } from "./rate.ts";

export interface LearnedStage {
  readonly stage: Stage;
  figures(): RateFigures;
  /** Tenants with state. */
  tenants(): number;
}

/** Hosts known to report limits; if there are more, all are learned anew. */
const MOST_HOSTS = 1_024;
const TOO_MANY_REQUESTS = 429;

interface News {
  readonly sightings: readonly Sighting[];
  readonly blockMs: number | undefined;
}
const NOTHING: News = { sightings: [], blockMs: undefined };

export function learned(clock: Clock, mayWait: boolean): LearnedStage {
  const options: LearnedOptions = {
    maxWaitMs: mayWait ? USUAL_WAIT_MS : 0,
    maxQueued: USUAL_QUEUE,
  };
  const queues = new TenantMap(() => new LearnedQueue(options, clock));
  const telling = new Set<string>();

  const queueOf = ({ request, target }: ActiveCall): LearnedQueue =>
    queues.get(
      request.tenantId,
      `${request.connector}\n${target?.origin ?? ""}\n${credentialsOf(request)}`,
    );

  function newsOf(call: ActiveCall, reply: CallReply): News {
    const { headers, status, url } = reply;
    const policy = call.request.policy?.rateLimit;
    if (policy === undefined && !statesLimits(headers)) return NOTHING;
    // Another host's answer, after a redirect, says nothing about this one. If one header reports several budgets,
    // it is unknown which of them the next call counts against.
    if (url !== undefined || firstHeader(headers, "x-ratelimit-resource") !== undefined) {
      return NOTHING;
    }
    const now = clock.now();
    const sightings = readLimits(headers, policy, now);
    if (status !== TOO_MANY_REQUESTS || (sightings.length === 0 && policy === undefined)) {
      return sightings.length === 0 ? NOTHING : { sightings, blockMs: undefined };
    }
    const after = firstHeader(headers, "retry-after") ?? "";
    return { sightings, blockMs: headerTime(after, ["seconds", "http-date"], now) };
  }

  /** For hosts that have not stated anything yet. */
  const looking: AttemptEnd = {
    answered(call, reply) {
      const { sightings, blockMs } = newsOf(call, reply);
      if (sightings.length === 0 && blockMs === undefined) return;
      if (telling.size >= MOST_HOSTS) telling.clear();
      telling.add(call.target?.host ?? "");
      queueOf(call).learn(sightings, blockMs);
    },
    failed() {},
  };

  const counting = (queue: LearnedQueue, number: number): AttemptEnd => ({
    answered(call, reply) {
      const { sightings, blockMs } = newsOf(call, reply);
      queue.end(number, sightings, blockMs);
    },
    failed: () => queue.end(number, [], undefined),
  });

  async function wait(call: ActiveCall, queue: LearnedQueue): Promise<number> {
    const host = call.target?.host ?? "";
    return await inQueue<number>(call, clock, `the limits that ${host} states`, (onTurn) => {
      const waiter = queue.wait(call.deadlineAt - clock.monotonic(), onTurn);
      if (waiter instanceof LearnedWaiter) return () => queue.leave(waiter);
      throw refused(host, waiter);
    });
  }

  return {
    stage(call, next) {
      if (!telling.has(call.target?.host ?? "")) {
        call.onHead(looking);
        return next(call);
      }
      const queue = queueOf(call);
      const number = queue.enter();
      if (number !== undefined) {
        call.onHead(counting(queue, number));
        return next(call);
      }
      return wait(call, queue).then((turn) => {
        call.onHead(counting(queue, turn));
        // The turn may have come at the same moment as the end.
        call.signal.throwIfAborted();
        return next(call);
      });
    },
    tenants: () => queues.tenants,
    figures() {
      let queued = 0;
      let refusals = 0;
      for (const [, , queue] of queues.entries()) {
        queued += queue.queued;
        refusals += queue.refused;
      }
      return { limit: "learned", queued, refused: refusals };
    },
  };
}

function refused(host: string, { because, retryAfterMs }: Refusal): ConnectorError {
  const ms = Math.ceil(retryAfterMs);
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: because === "wait" ? "rate.learned" : "rate.queue_full",
    message: because === "wait"
      ? `${host} would refuse the call: its earlier answers say that its limit is used up for the next ${ms} ms`
      : `as many calls as allowed are already waiting for the limits that ${host} states`,
    retryAfterMs: ms,
  });
}
