/** What the routes need to know of the worker's options. */
import type { Health } from "../../core/call.ts";
import type { EngineFigures } from "../../client/mod.ts";
import type { Clock } from "../../core/clock.ts";
import type { ConnectorDefinition } from "../../connector/definition/definition.ts";
import type { ConnectorRuntime } from "../../connector/data/runtime.ts";
import type { ConnectorConfig } from "./connector_config.ts";
import type { WorkerTenants } from "./tenants.ts";

/** A `RuntimeClient`, or anything else that executes calls; if it has `health`, `/readyz` asks it, if it has `figures`, `/figures` does. */
export interface WorkerRuntime extends ConnectorRuntime {
  health?(): Promise<Health>;
  figures?(): Promise<EngineFigures | undefined>;
}

/** Where the defaults are filled in. */
export interface ServingOptions {
  readonly connectors: readonly ConnectorDefinition[];
  readonly runtime: WorkerRuntime;
  readonly config: Readonly<Record<string, ConnectorConfig>>;
  readonly tenants: WorkerTenants;
  /** What parts know of a connector's configuration for a tenant. */
  readonly learned: (tenant: string, connector: string) => ConnectorConfig | undefined;
  readonly publicUrl: string | undefined;
  readonly env: (name: string) => string | undefined;
  readonly maxBodyBytes: number;
  readonly resume: boolean;
  readonly corsOrigins: readonly string[];
  readonly allowedHosts: readonly string[] | undefined;
  readonly readinessCacheMs: number;
  readonly readinessTimeoutMs: number;
  readonly title: string;
  readonly onError: (text: string, requestId: string, error: unknown) => void;
  readonly clock: Clock;
}
