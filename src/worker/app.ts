/** The worker: connectors over HTTP. */
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { ConnectorError, toConnectorError } from "../core/errors.ts";
import { jsonResponse, textResponse } from "../core/serve/json_response.ts";
import type { OperationDefinition } from "../connector/definition/definition.ts";
import { explain } from "../schema/explain.ts";
import { callOperation } from "./call.ts";
import { describeConnector, describeOperation, summarize } from "./describe.ts";
import { docsPage } from "./docs_page.ts";
import { createBindings } from "./bindings.ts";
import { createReadiness } from "./health.ts";
import { formInput, takesForms, withoutFiles } from "./form.ts";
import { hostAllowed, sameOrigin } from "../core/serve/page_guard.ts";
import { checkSound, InputRefused, readInput } from "./input.ts";
import { openApiDocument } from "./openapi.ts";
import { type ResolvedWorkerOptions, resolveWorkerOptions, type WorkerOptions } from "./options.ts";
import { type Problem, problemOf, problemResponse, requestProblem } from "./problem.ts";
import { createRegistry, type Entry, unknownName } from "./registry.ts";

export interface Worker {
  /**
   * Answers one request. Never rejects. `bindings` is what workerd hands over as the environment; what other hosts hand over
   * there holds none of the variables that connectors name.
   */
  fetch(request: Request, bindings?: unknown): Promise<Response>;
}

const VERSION = "1.0.0";
/** What a caller may choose as its request id; anything else could break logs. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * Serves connectors over HTTP: `GET /connectors`, `GET /connectors/{id}`, `POST /connectors/{id}/{operation}`, `/livez`,
 * `/readyz`, `/openapi.json` and a page to try them at `/`. Failures are problem documents (RFC 9457). Options that make no
 * sense are refused with `worker.options`.
 */
export function createWorker(options: WorkerOptions): Worker {
  const resolved = resolveWorkerOptions(options);
  // Whoever says where variables come from means no other place.
  if (options.env !== undefined) return createApp(resolved);
  const pick = createBindings(resolved.connectors);
  let bound = pick(undefined);
  let app = createApp(resolved);
  return {
    fetch(request, bindings) {
      const now = pick(bindings);
      if (!now.same(bound)) {
        const env = (name: string): string | undefined => now.get(name) ?? resolved.env(name);
        app = createApp({ ...resolved, env });
        bound = now;
      }
      return app.fetch(request);
    },
  };
}

function createApp(resolved: ResolvedWorkerOptions): Worker {
  const registry = createRegistry(resolved);
  const { entries } = registry;
  const ready = createReadiness(resolved, registry);
  const app = new Hono<{ Variables: { requestId: string } }>();
  type Incoming = Context<{ Variables: { requestId: string } }>;
  let openapi: string | undefined;

  const refuse = (
    context: Incoming,
    status: number,
    code: string,
    detail: string,
    more: { known?: readonly string[]; headers?: Record<string, string> } = {},
  ) => {
    const { headers, ...rest } = more;
    return problemResponse(
      requestProblem(status, code, detail, context.var.requestId, rest),
      headers,
    );
  };

  const failure = (thrown: unknown, requestId: string): Problem => {
    const error = toConnectorError(thrown);
    const problem = problemOf(error, requestId, registry);
    if (problem.status >= 500 || error.code.startsWith("egress.")) {
      resolved.onError(registry.redact(logText(thrown)), requestId, thrown);
    }
    return problem;
  };

  /** The connector, and the operation when it is named in the path; or the 404 that says what there is. */
  const find = (
    context: Incoming,
  ): { entry: Entry; operation?: OperationDefinition } | Response => {
    const id = context.req.param("id") ?? "";
    const entry = entries.get(id);
    if (entry === undefined) {
      const known = [...entries.keys()];
      return refuse(context, 404, "connector.unknown", unknownName("connector", id, known), {
        known,
      });
    }
    const name = context.req.param("operation");
    if (name === undefined) return { entry };
    const operation = entry.operations.get(name);
    if (operation !== undefined) return { entry, operation };
    const known = [...entry.operations.keys()];
    return refuse(
      context,
      404,
      "operation.unknown",
      unknownName(`operation of ${id}`, name, known),
      { known },
    );
  };

  app.use(async (context, next) => {
    const given = context.req.header("x-request-id") ?? "";
    context.set("requestId", REQUEST_ID.test(given) ? given : crypto.randomUUID());
    if (
      resolved.allowedHosts !== undefined && !hostAllowed(context.req.raw, resolved.allowedHosts)
    ) {
      return refuse(
        context,
        403,
        "host.denied",
        "This worker does not accept that Host header: name it in allowedHosts (--allow-host).",
      );
    }
    await next();
    context.res.headers.set("x-request-id", context.var.requestId);
    context.res.headers.set("x-content-type-options", "nosniff");
  });
  if (resolved.corsOrigins.length > 0) {
    const origin = resolved.corsOrigins.includes("*") ? "*" : [...resolved.corsOrigins];
    app.use(
      cors({
        origin,
        allowMethods: ["GET", "HEAD", "POST"],
        exposeHeaders: ["x-request-id", "retry-after"],
      }),
    );
  }

  app.get("/", () => {
    const nonce = crypto.randomUUID();
    const policy =
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; ` +
      "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    return textResponse(
      docsPage(resolved.title, entries.values(), nonce),
      "text/html; charset=utf-8",
      {
        headers: { "content-security-policy": policy, "cache-control": "no-store" },
      },
    );
  });
  app.get("/livez", () => jsonResponse({ status: "ok" }));
  app.get("/readyz", async () => {
    const readiness = await ready();
    const status = readiness.status === "ready" ? 200 : 503;
    return jsonResponse(readiness, { status, headers: { "cache-control": "no-store" } });
  });
  app.get("/openapi.json", () => {
    openapi ??= JSON.stringify(openApiDocument(resolved.title, VERSION, resolved.connectors));
    return textResponse(openapi, "application/json");
  });
  app.get("/connectors", () => jsonResponse({ connectors: [...entries.values()].map(summarize) }));
  app.get("/connectors/:id", (context) => {
    const found = find(context);
    return found instanceof Response ? found : jsonResponse(describeConnector(found.entry));
  });
  app.get("/connectors/:id/:operation", (context) => {
    const found = find(context);
    if (found instanceof Response || found.operation === undefined) return found as Response;
    return jsonResponse(describeOperation(found.entry, found.operation));
  });
  app.post("/connectors/:id/:operation", async (context) => {
    const found = find(context);
    if (found instanceof Response) return found;
    const { entry, operation } = found;
    if (operation === undefined) return context.notFound();
    const { requestId } = context.var;
    const { raw } = context.req;
    if (!sameOrigin(raw, resolved.corsOrigins)) {
      const detail =
        "Pages from other origins may not call this worker: list their origins in corsOrigins (--cors) to let them.";
      return refuse(context, 403, "origin.denied", detail);
    }
    const body = await readInput(raw, resolved.maxBodyBytes, takesForms(operation));
    const isForm = body instanceof FormData;
    const input = isForm ? formInput(body, entry.definition, operation) : body;
    checkSound(input);
    const checked = isForm ? withoutFiles(input) : input;
    const errors = explain(entry.check(operation.id, operation.input, checked), checked);
    if (errors.length > 0) {
      const first = errors[0];
      const more = errors.length > 1 ? ` and ${errors.length - 1} more` : "";
      const detail = `The input is invalid: ${first?.path} ${first?.message}${more}.`;
      return problemResponse(requestProblem(400, "input.invalid", detail, requestId, { errors }));
    }
    return await callOperation(entry, operation, input, {
      signal: raw.signal,
      requestId,
      traceparent: context.req.header("traceparent"),
      describe: (error) => failure(error, requestId),
    });
  });

  const paths = [
    "/",
    "/connectors",
    "/livez",
    "/readyz",
    "/openapi.json",
    "/connectors/:id",
    "/connectors/:id/:operation",
  ];
  for (const path of paths) {
    const allow = path.endsWith(":operation") ? "GET, HEAD, POST" : "GET, HEAD";
    app.all(
      path,
      (context) =>
        refuse(
          context,
          405,
          "method.not_allowed",
          `${context.req.method} is not allowed on ${context.req.path}: use ${allow}.`,
          {
            headers: { allow },
          },
        ),
    );
  }
  app.notFound((context) => {
    const known = ["/", "/connectors", "/openapi.json", "/livez", "/readyz"];
    return refuse(context, 404, "path.unknown", unknownName("path", context.req.path, known), {
      known,
    });
  });
  app.onError((error, context) => {
    const { requestId } = context.var;
    if (error instanceof InputRefused) {
      return refuse(context, error.status, error.code, error.message);
    }
    return problemResponse(failure(error, requestId));
  });

  return { fetch: async (request) => await app.fetch(request) };
}

/** What a log needs: the code and message of what was foreseen, the stack of what was not. */
function logText(thrown: unknown): string {
  if (thrown instanceof ConnectorError) return `${thrown.code}: ${thrown.message}`;
  // Some errors of runtimes have an empty stack.
  return thrown instanceof Error ? thrown.stack || String(thrown) : String(thrown);
}
