/** A span for each request, which ends with the answer; none as long as no SDK is registered. */
import type { MiddlewareHandler, Next } from "hono";
import { routePath } from "hono/route";
import { telemetry, until } from "../telemetry/mod.ts";
import type { Incoming, WorkerEnv } from "./env.ts";

export const trace: MiddlewareHandler<WorkerEnv> = (context, next) => {
  const parent = context.req.header("traceparent");
  context.set("traceparent", parent);
  const recording = telemetry();
  return recording === undefined ? next() : traced(context, next, recording);
};

async function traced(
  context: Incoming,
  next: Next,
  recording: NonNullable<ReturnType<typeof telemetry>>,
): Promise<void> {
  const { method, url } = context.req;
  const parent = context.get("traceparent");
  const span = (await recording)?.request({ method, url: new URL(url), parent });
  if (span === undefined) return await next();
  context.set("traceparent", span.traceparent ?? parent);
  await next();
  const { res } = context;
  // Of a request that matched nothing, the last one is that of the middleware.
  const route = routePath(context, -1);
  if (!route.includes("*")) span.route(route);
  span.answered(res);
  if (res.body === null) return span.end();
  context.res = new Response(until(res.body, span), res);
}
