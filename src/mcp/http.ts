/** The tools over Streamable HTTP, for clients of either era. */
import { createMcpHandler, type McpHandlerRequestOptions } from "@modelcontextprotocol/server";
import type { McpCaller } from "./host.ts";
import type { McpServers } from "./server.ts";

export interface McpHttpOptions {
  readonly maxBodyBytes: number;
  /** What was out of order, for the log. */
  readonly onError: (error: Error) => void;
}

export type McpHttp = (request: Request, caller: McpCaller) => Promise<Response>;

/** Every request stands alone: there are no sessions, so any process can answer any of them. */
export function createMcpHttp(servers: McpServers, options: McpHttpOptions): McpHttp {
  const handler = createMcpHandler(({ authInfo }) => servers.create(callerIn(authInfo)), {
    legacy: "stateless",
    maxRequestBodySize: options.maxBodyBytes,
    onerror: options.onError,
  });
  return (request, caller) =>
    handler.fetch(request, {
      authInfo: {
        token: "",
        clientId: caller.tenantId ?? "",
        scopes: [],
        extra: { [CALLER]: caller },
      },
    });
}

const CALLER = "vastar/caller";

function callerIn(authInfo: McpHandlerRequestOptions["authInfo"]): McpCaller {
  return authInfo?.extra?.[CALLER] as McpCaller | undefined ?? {};
}
