/** Authenticates and rate-limits a request before anything else is done for it. */
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../core/clock.ts";
import type { WorkerEnv } from "../env.ts";
import { problemResponse, requestProblem } from "../problem/problem.ts";
import type { Identify } from "./guard.ts";
import type { TenantLimits } from "./tenant_limits.ts";

export function admit(
  identify: Identify,
  limits: TenantLimits,
  clock: Clock,
): MiddlewareHandler<WorkerEnv> {
  return async (context, next) => {
    const caller = await identify(context);
    if (caller instanceof Response) return caller;
    context.set("caller", caller);
    const taken = limits.take(caller.tenant, clock.monotonic());
    if (taken?.allowed === false) {
      const detail = "The tenant has used up its requests for now.";
      const problem = requestProblem(429, "access.limited", detail, context.var.requestId);
      return problemResponse(
        {
          ...problem,
          class: "RateLimited",
          retryable: true,
          retryAfterMs: Math.ceil(taken.retryAfterMs),
        },
        taken.headers,
      );
    }
    await next();
    for (const [name, value] of Object.entries(taken?.headers ?? {})) {
      context.res.headers.set(name, value);
    }
    return undefined;
  };
}
