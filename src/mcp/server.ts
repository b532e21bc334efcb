/** A server of the protocol for one client or one request, over tools that all of them share. */
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { createProgress } from "./call/progress.ts";
import type { ToolRequest } from "./call/session.ts";
import type { McpCaller, McpHost, McpSource } from "./host.ts";
import { type McpOptions, modeFor, resolveMcpOptions } from "./options.ts";
import { searchDefinitions } from "./tools/definitions.ts";
import type { Opened } from "./tools/toolsets.ts";

export interface McpServers {
  /** A server for one client, or for one request of it. */
  create(caller: McpCaller): Server;
}

const NAME = "vastar-connector";
/** Of what the tools are called, take and give. */
const VERSION = "1.0.0";
const SEARCH_GUIDE =
  "Use search to find an operation, describe to see what it takes, call to call it, read to go on in a long answer. " +
  "Give call a new callId for each thing that is to be done once, and the same one when you repeat it.";
const DIRECT_GUIDE =
  "Each tool calls one API operation; read goes on in a long answer. Give a tool that writes a new _callId for each thing " +
  "that is to be done once, and the same one when you repeat it.";
/** What the tools are changes with the server only. */
const LIST_TTL_MS = 300_000;

/** @throws ConnectorError `mcp.options`. */
export function createMcpServers(source: McpSource, options: McpOptions = {}): McpServers {
  const resolved = resolveMcpOptions(options);
  const { connectors, operations } = source;
  const mode = modeFor(resolved, operations);
  let toolsets: Promise<(host: McpHost) => Opened> | undefined;

  const open = async (): Promise<Opened & { readonly host: McpHost }> => {
    toolsets ??= import("./tools/toolsets.ts").then(({ createToolsets }) =>
      createToolsets(resolved, mode, connectors)
    );
    const toolsOf = await toolsets;
    const host = await source.open();
    return { host, ...toolsOf(host) };
  };

  return {
    create(caller) {
      let calls = 0;
      const server = new Server({ name: NAME, title: "Vastar Connector", version: VERSION }, {
        capabilities: { tools: {} },
        instructions: mode === "search" ? SEARCH_GUIDE : DIRECT_GUIDE,
        cacheHints: { "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "private" } },
      });
      server.setRequestHandler("tools/list", async () => {
        const tools = mode === "search"
          ? searchDefinitions(connectors, caller)
          : (await open()).tools.list({ caller });
        return { tools: tools as never };
      });
      server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
        // Clients of 2025-03-26 send several in one request.
        const refusal = calls++ === 0 ? undefined : caller.countAnother?.();
        if (refusal !== undefined) {
          const { failedResult } = await import("./call/failure.ts");
          return failedResult(refusal) as never;
        }
        const { host, catalog, tools } = await open();
        const tool = tools.find(params.name, { caller });
        if (tool === undefined) {
          throw new ProtocolError(
            ProtocolErrorCode.InvalidParams,
            `There is no tool ${
              JSON.stringify(params.name.slice(0, 100))
            }: tools/list names those there are.`,
          );
        }
        const { progressToken } = mcpReq._meta ?? {};
        const request: ToolRequest = {
          host,
          catalog,
          caller,
          requestId: caller.requestId ?? crypto.randomUUID(),
          signal: mcpReq.signal,
          progress: progressToken === undefined
            ? undefined
            : createProgress(progressToken, (notification) => mcpReq.notify(notification)),
        };
        return await tool.run(params.arguments ?? {}, request) as never;
      });
      return server;
    },
  };
}
