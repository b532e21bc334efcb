/** Reads the configuration file of the worker. */
import schema from "../../schemas/worker-config.schema.json" with { type: "json" };
import { readSettings } from "./settings.ts";
import type { ChoiceConfig } from "./tenant_config.ts";
import { type ConfigSource, readTree } from "./profiles.ts";
import { ConfigProblems } from "./tree.ts";

/** What the file says; absent where it says nothing. Times in ms. */
export interface WorkerConfig {
  readonly publicUrl?: string;
  readonly keys?: string;
  readonly jwt?: readonly JwtConfig[];
  readonly tokens?: string;
  readonly oauth?: Readonly<Record<string, OAuthConfig>>;
  readonly tenants?: Readonly<Record<string, WorkerTenantConfig>>;
}

export interface OAuthConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
  readonly field: string;
}

export interface JwtConfig {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly jwks: string;
  readonly tenantClaim?: string;
  readonly tenant?: string;
}

export interface WorkerTenantConfig {
  readonly operator?: boolean;
  readonly connectors?: ChoiceConfig;
  readonly operations?: ChoiceConfig;
  readonly methods?: ChoiceConfig;
  readonly limit?: { readonly requests: number; readonly per: number; readonly burst?: number };
  readonly config?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface WorkerConfigSource extends ConfigSource {
  /** By connector id: its configuration fields. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

/** @throws ConnectorError `config.invalid`: every mistake with file, line and column, what was found and what is right. */
export function readWorkerConfig(text: string, source: WorkerConfigSource): WorkerConfig {
  const problems = new ConfigProblems(source.file);
  const root = readTree(text, source, problems);
  const config = readSettings(root, withFields(source.fields), problems) as WorkerConfig;
  problems.throwIfAny();
  return config;
}

/** A misspelt name would leave the tenant with the shared secret. */
function withFields(fields: WorkerConfigSource["fields"]): typeof schema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([id, names]) => [id, {
      type: "object",
      additionalProperties: false,
      properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
    }]),
  );
  const { tenant } = schema.$defs;
  const config = { ...tenant.properties.config, additionalProperties: false, properties };
  const own = { ...tenant, properties: { ...tenant.properties, config } };
  return { ...schema, $defs: { ...schema.$defs, tenant: own } } as unknown as typeof schema;
}
