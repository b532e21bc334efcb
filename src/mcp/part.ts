/** The tools as a part of a worker. */
import type { WorkerPart } from "../worker/part.ts";
import type { Served } from "../worker/served.ts";
import type { McpHttp } from "./http.ts";
import { type McpOptions, resolveMcpOptions } from "./options.ts";

/**
 * `POST /mcp`: the operations of the worker's connectors as tools (Streamable HTTP, without sessions, in the era that the client
 * speaks). What it takes is loaded with the first request.
 *
 * @throws ConnectorError `mcp.options`.
 */
export function mcp(options: McpOptions = {}): WorkerPart {
  resolveMcpOptions(options);
  const known = new WeakMap<Served, Promise<McpHttp>>();
  return {
    paths: { "/mcp": "POST" },
    mount(app) {
      app.post("/mcp", async (context) => {
        const { caller, countAnother, requestId, served } = context.var;
        const { raw } = context.req;
        const answer = known.get(served) ?? open(served, options);
        known.set(served, answer);
        const traceparent = context.req.header("traceparent");
        return (await answer)(raw, {
          requestId,
          traceparent,
          tenantId: caller.tenant === "" ? undefined : caller.tenant,
          countAnother,
          sees: (connector) => caller.sees(connector),
          may: (connector, operation) => caller.refusal(connector, operation) === undefined,
        });
      });
    },
  };
}

async function open(served: Served, options: McpOptions): Promise<McpHttp> {
  const [{ createMcpServers }, { createMcpHttp }] = await Promise.all([
    import("./server.ts"),
    import("./http.ts"),
  ]);
  const { connectors, maxBodyBytes, onError, clock } = served.options;
  const source = {
    connectors: connectors.map(({ id }) => id),
    operations: connectors.reduce((sum, { operations }) => sum + operations.length, 0),
    open: () => served,
  };
  return createMcpHttp(createMcpServers(source, { clock, ...options }), {
    maxBodyBytes,
    onError: (error) => onError(served.registry.redact(error.message), "mcp", error),
  });
}
