/** What a worker can have beyond calls: each part is imported by whoever wants it, so that a bundle holds no other. */
import type { MiddlewareHandler } from "hono";
import type { Hono } from "hono/tiny";
import type { WorkerEnv } from "./env.ts";
import type { ConnectorConfig } from "./options/connector_config.ts";

export interface WorkerPart {
  /** The paths it answers, with the methods that each allows: `{ "/openapi.json": "GET, HEAD" }`. */
  readonly paths: Readonly<Record<string, string>>;
  /** True for what anyone may read, without a key: no word of the configuration may be in it. Default: false. */
  readonly open?: boolean;
  /** What it knows of a connector's configuration for a tenant, over what the operator has written: the same object until it changes. */
  config?(tenant: string, connector: string): ConnectorConfig | undefined;
  /** Sees every request for a connector or an operation, once it is known who asks. */
  readonly watch?: MiddlewareHandler<WorkerEnv>;
  /** Adds its routes. What is served is in `context.var.served`, who asks in `context.var.caller`. */
  mount(app: Hono<WorkerEnv>): void;
}
