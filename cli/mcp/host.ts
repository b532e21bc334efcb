/** The connectors of `vastar mcp`, configured, with the runtime that executes their calls. */
import { RuntimeClient } from "../../src/client/mod.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { parseAllowRule } from "../../src/http/allow.ts";
import type { McpHost } from "../../src/mcp/mod.ts";
import type { ConnectorConfig } from "../../src/worker/mod.ts";
import { resolveWorkerOptions } from "../../src/worker/options/options.ts";
import { createServing } from "../../src/worker/served.ts";
import { baseUrlVariable } from "../serve/base_urls.ts";
import type { McpSettings } from "./settings.ts";
import { startStandIn } from "../serve/stand_in.ts";

export async function openHost(
  connectors: readonly ConnectorDefinition[],
  { address, allow, baseUrls, simulator, tenants, env, notice }: McpSettings,
): Promise<{ host: McpHost; close(): Promise<void> }> {
  for (const rule of allow) parseAllowRule(rule);
  const config: Record<string, ConnectorConfig> = {};
  for (const { id } of connectors) {
    const baseURL = baseUrls[id] ?? env(baseUrlVariable(id));
    if (baseURL !== undefined && baseURL !== "") config[id] = { baseURL };
  }
  const standIn = simulator ? await startStandIn(connectors, ["openai"]) : undefined;
  if (standIn !== undefined) config["openai"] = standIn.config("openai");
  const runtime = new RuntimeClient({
    address,
    engine: {
      egress: {
        allow: [...allow, ...(standIn === undefined ? [] : [standIn.target])],
        howToPermit: (rule) => `start it with --allow ${rule} or VASTAR_ALLOW=${rule}`,
      },
      tenants,
    },
  });
  const onError = (text: string, requestId: string) => notice(`${requestId} ${text}`);
  const serving = resolveWorkerOptions({ connectors, runtime, config, env, onError });
  return {
    host: createServing(serving, true)(undefined),
    async close() {
      await runtime.close();
      await standIn?.server.stop(0);
    },
  };
}
