/** The worker: connectors over HTTP. */
import type { Hono } from "hono";
import { Hono as TinyHono } from "hono/tiny";
import { cors } from "hono/cors";
import { jsonResponse } from "../core/serve/json_response.ts";
import { hostAllowed, sameOrigin } from "../core/serve/page_guard.ts";
import { InputRefused } from "./call/input.ts";
import { createGuard } from "./access/guard.ts";
import { admit } from "./access/middleware.ts";
import { protectedResource } from "./access/protected_resource.ts";
import { TenantLimits } from "./access/tenant_limits.ts";
import { callRoute } from "./call/route.ts";
import { describeConnector, describeOperation, summarize } from "./describe.ts";
import type { WorkerEnv } from "./env.ts";
import { find } from "./find.ts";
import { resolveWorkerOptions, type WorkerOptions } from "./options/options.ts";
import { problemResponse } from "./problem/problem.ts";
import { refuse } from "./problem/refuse.ts";
import { stopRoute } from "./resume/stop_route.ts";
import { unknownName } from "./registry.ts";
import type { WorkerSchema } from "./schema.ts";
import { createServing } from "./served.ts";
import { trace } from "./trace.ts";
import { tenantOf } from "./options/tenants.ts";

/**
 * A Hono application: `fetch` answers a request and never rejects, `route` of another application mounts it, and Hono's RPC client
 * knows its routes. What a host hands to `fetch` as the environment is read for the variables that connectors name, as on workerd.
 */
export type Worker = Hono<WorkerEnv, WorkerSchema>;

/** Allowed request ids from callers; anything else could break logs. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** Methods that call nothing. */
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

const OWN_PATHS: Readonly<Record<string, string>> = {
  "/connectors": "GET, HEAD",
  "/livez": "GET, HEAD",
  "/readyz": "GET, HEAD",
  "/connectors/:id": "GET, HEAD",
  "/connectors/:id/:operation": "GET, HEAD, POST",
  "/connectors/:id/:operation/streams/:stream": "DELETE",
};

/**
 * Serves connectors over HTTP: `GET /connectors`, `GET /connectors/{id}`, `POST /connectors/{id}/{operation}`, `/livez`,
 * `/readyz`, and what `parts` add. Failures are problem documents (RFC 9457). Options that make no sense are refused with
 * `worker.options`.
 */
export function createWorker(options: WorkerOptions): Worker {
  const resolved = resolveWorkerOptions(options);
  const { parts } = resolved;
  const served = createServing(resolved, options.env !== undefined);
  const app = new TinyHono<WorkerEnv>();

  app.use(trace);
  app.use(async (context, next) => {
    const given = context.req.header("x-request-id") ?? "";
    context.set("requestId", REQUEST_ID.test(given) ? given : crypto.randomUUID());
    context.set("served", served(context.env));
    const { allowedHosts } = resolved;
    if (allowedHosts !== undefined && !hostAllowed(context.req.raw, allowedHosts)) {
      return refuse(
        context,
        403,
        "host.denied",
        "This worker does not accept that Host header: name it in allowedHosts (--allow-host).",
      );
    }
    await next();
    const { headers } = context.res;
    headers.set("x-request-id", context.get("requestId"));
    headers.set("x-content-type-options", "nosniff");
  });
  if (resolved.corsOrigins.length > 0) {
    app.use(
      cors({
        origin: resolved.corsOrigins.includes("*") ? "*" : [...resolved.corsOrigins],
        allowMethods: ["GET", "HEAD", "POST", "DELETE"],
        exposeHeaders: [
          "x-request-id",
          "traceparent",
          "retry-after",
          "server-timing",
          "ratelimit",
          "ratelimit-policy",
        ],
      }),
    );
  }
  app.onError((error, context) => {
    if (error instanceof InputRefused) {
      return refuse(context, error.status, error.code, error.message);
    }
    return problemResponse(context.var.served.failure(error, context.var.requestId));
  });

  const metadata = protectedResource(resolved.access, resolved.title, resolved.publicUrl);
  const identify = createGuard({
    access: resolved.access,
    allowedHosts: resolved.allowedHosts ?? [],
    rulesOf: (tenant) => tenantOf(resolved.tenants, tenant),
    metadataUrl: (context) => metadata?.url(context),
  });
  const limits = new TenantLimits((tenant) => tenantOf(resolved.tenants, tenant)?.limit);

  app.get("/livez", () => jsonResponse({ status: "ok" }));
  app.get("/readyz", async (context) => {
    const readiness = await context.var.served.ready();
    // What fails, and why, is for those who may call.
    const asker = await identify(context);
    const shown = asker instanceof Response ? { status: readiness.status } : readiness;
    const status = readiness.status === "ready" ? 200 : 503;
    return jsonResponse(shown, { status, headers: { "cache-control": "no-store" } });
  });
  if (metadata !== undefined) {
    for (const path of metadata.paths) app.get(path, (context) => metadata.answer(context));
  }
  for (const part of parts.filter((one) => one.open)) part.mount(app);
  app.use(async (context, next) => {
    const { raw } = context.req;
    // A page may send a form, or JSON called text, without being asked whether it may.
    if (READS.has(raw.method) || sameOrigin(raw, resolved.corsOrigins)) return await next();
    const detail =
      "Pages from other origins may not call this worker: list their origins in corsOrigins (--cors) to let them.";
    return refuse(context, 403, "origin.denied", detail);
  });
  app.use(admit(identify, limits, resolved.clock));
  for (const { watch } of parts) if (watch !== undefined) app.use("/connectors/*", watch);

  app.get("/connectors", ({ var: { caller, served: { registry } } }) => {
    const seen = [...registry.entries.values()].filter((one) => caller.sees(one.definition.id));
    return jsonResponse({ connectors: seen.map((entry) => summarize(entry, caller)) });
  });
  app.get("/connectors/:id", (context) => {
    const found = find(context);
    return found instanceof Response
      ? found
      : jsonResponse(describeConnector(found.entry, context.var.caller));
  });
  app.get("/connectors/:id/:operation", (context) => {
    const found = find(context);
    if (found instanceof Response || found.operation === undefined) return found as Response;
    return jsonResponse(describeOperation(found.entry, found.operation));
  });
  app.post("/connectors/:id/:operation", callRoute);
  app.delete("/connectors/:id/:operation/streams/:stream", stopRoute);
  for (const part of parts.filter((one) => !one.open)) part.mount(app);

  const paths = { ...OWN_PATHS, ...Object.assign({}, ...parts.map((part) => part.paths)) };
  for (const [path, allow] of Object.entries<string>(paths)) {
    app.all(path, (context) => {
      const { method, path: asked } = context.req;
      if (method === "OPTIONS") {
        return new Response(null, { status: 204, headers: { allow: `${allow}, OPTIONS` } });
      }
      const detail = `${method} is not allowed on ${asked}: use ${allow}.`;
      return refuse(context, 405, "method.not_allowed", detail, { headers: { allow } });
    });
  }
  app.notFound((context) => {
    const known = Object.keys(paths).filter((path) => !path.includes(":"));
    return refuse(context, 404, "path.unknown", unknownName("path", context.req.path, known), {
      known,
    });
  });
  return app as unknown as Worker;
}
