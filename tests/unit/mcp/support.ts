/** A worker with tools over a scripted API on loopback, and the official client in front of it. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { definition as github } from "../../../connectors/github/definition.gen.ts";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { RuntimeClient } from "../../../src/client/mod.ts";
import type { ConnectorDefinition } from "../../../src/connector/definition/definition.ts";
import type { TenantOptions } from "../../../src/engine/tenancy/tenant_options.ts";
import { mcp, type McpOptions } from "../../../src/mcp/mod.ts";
import type { Grant } from "../../../src/worker/access/caller.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createWorker, type Worker } from "../../../src/worker/mod.ts";

export const SECRET = "sk-do-not-show-12345";
export type Era = "2025-11-25" | "2026-07-28";
export const ERAS: readonly Era[] = ["2025-11-25", "2026-07-28"];

export interface Scene {
  readonly worker: Worker;
  /** What the API has received. */
  readonly calls: {
    readonly method: string;
    readonly path: string;
    readonly body: string;
    readonly type: string;
  }[];
  connect(era: Era, key?: string): Promise<Client>;
  close(): Promise<void>;
}

export interface SceneOptions extends McpOptions {
  readonly connectors?: readonly ConnectorDefinition[];
  readonly tenants?: Readonly<Record<string, TenantOptions>>;
  readonly tenantId?: string;
  /** What each key stands for. Default: no key is asked for. */
  readonly keys?: Readonly<Record<string, Grant>>;
}

type Api = (request: Request, calls: number) => Response | Promise<Response>;

export async function startScene(
  api: Api,
  { connectors = [openai], tenants = {}, tenantId, keys, ...options }: SceneOptions = {},
): Promise<Scene> {
  const calls: Scene["calls"][number][] = [];
  const server = await serveHttp({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.clone().text();
      calls.push({
        method: request.method,
        path: pathname + search,
        body,
        type: request.headers.get("content-type") ?? "",
      });
      return await api(request, calls.length);
    },
  });
  const runtime = new RuntimeClient({
    address: "embedded:",
    engine: { egress: { allow: [new URL(server.url).host] }, tenants },
  });
  const config = {
    baseURL: server.url,
    ...(tenantId === undefined ? {} : { tenantId }),
  };
  const ids = connectors.map(({ id }) => id);
  const worker = createWorker({
    connectors,
    runtime,
    config: {
      ...Object.fromEntries(ids.map((id) => [id, config])),
      ...(ids.includes("openai") ? { openai: { ...config, apiKey: SECRET } } : {}),
      ...(ids.includes("github") ? { github: { ...config, token: SECRET } } : {}),
    },
    env: () => undefined,
    parts: [mcp(options)],
    ...(keys === undefined
      ? {}
      : { access: [{ authenticate: (key) => Promise.resolve(keys[key]) }] }),
  });
  const clients: Client[] = [];
  return {
    worker,
    calls,
    async connect(era, key) {
      const mode = era === "2025-11-25" ? "legacy" : { pin: era };
      const client = new Client({ name: "test", version: "1" }, {
        versionNegotiation: { mode },
      });
      const fetch = async (url: string | URL, init?: RequestInit) => {
        const request = new Request(url, init);
        if (key !== undefined) request.headers.set("authorization", `Bearer ${key}`);
        return await worker.fetch(request);
      };
      const url = new URL("http://localhost:8787/mcp");
      await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) await client.close();
      await runtime.close();
      await server.stop(0);
    },
  };
}

export const BOTH: readonly ConnectorDefinition[] = [openai, github];

export function json(value: unknown, init?: ResponseInit): Response {
  return Response.json(value, init);
}

/** The structured part of a result. */
export function structured(result: unknown): Record<string, unknown> {
  return (result as { structuredContent: Record<string, unknown> }).structuredContent;
}
