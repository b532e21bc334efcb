/** Authenticates and rate-limits a request before anything else is done for it. */
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../core/clock.ts";
import type { WorkerEnv } from "../env.ts";
import { type Problem, problemResponse, requestProblem } from "../problem/problem.ts";
import type { Identify } from "./guard.ts";
import type { Taken, TenantLimits } from "./tenant_limits.ts";

export function admit(
  identify: Identify,
  limits: TenantLimits,
  clock: Clock,
): MiddlewareHandler<WorkerEnv> {
  return async (context, next) => {
    const caller = await identify(context);
    if (caller instanceof Response) return caller;
    context.set("caller", caller);
    const take = () => limits.take(caller.tenant, clock.monotonic());
    const { requestId } = context.var;
    const taken = take();
    if (taken?.allowed === false) {
      return problemResponse(limited(taken, requestId), taken.headers);
    }
    context.set("countAnother", () => {
      const more = take();
      return more?.allowed === false ? limited(more, requestId) : undefined;
    });
    await next();
    for (const [name, value] of Object.entries(taken?.headers ?? {})) {
      context.res.headers.set(name, value);
    }
    return undefined;
  };
}

function limited({ retryAfterMs }: Taken, requestId: string): Problem {
  const detail = "The tenant has used up its requests for now.";
  return {
    ...requestProblem(429, "access.limited", detail, requestId),
    class: "RateLimited",
    retryable: true,
    retryAfterMs: Math.ceil(retryAfterMs),
  };
}
