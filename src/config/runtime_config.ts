/**
 * The settings of the runtime's configuration. `schemas/runtime-config.schema.json` says which there are; one that is
 * added there is also added to {@link RuntimeConfig}, which a type test compares with it, and read in the command line. Apart
 * from the reader, so that a runtime without a file loads no YAML parser.
 */

import type { RateLimitConfig } from "./rate_limit_config.ts";
import type {
  CredentialConfig,
  DatabasesConfig,
  SecretConfig,
  TenantConfig,
} from "./tenant_config.ts";

export type LogLevel = "debug" | "info" | "warning" | "error";

/** The file's settings; absent where it has none. Times in ms, sizes in bytes. */
export interface RuntimeConfig {
  readonly listen?: readonly string[];
  readonly admin?: string;
  readonly join?: {
    readonly address: string;
    readonly only?: readonly string[];
    readonly name?: string;
    readonly secret?: string;
  };
  readonly shared?: {
    readonly store?: string;
    readonly name?: string;
    readonly policy?: string;
    readonly maxAway?: number;
  };
  readonly tokens: readonly { readonly token: string; readonly tenantId: string | undefined }[];
  readonly egress: { readonly allow?: readonly string[]; readonly mode?: "enforce" | "report" };
  readonly timeouts: {
    readonly call?: number;
    readonly maxCall?: number;
    readonly connect?: number;
    readonly firstByte?: number;
    readonly idle?: number;
    readonly frame?: number;
    readonly drain?: number;
  };
  readonly limits: {
    readonly maxConnections?: number;
    readonly maxOpenCalls?: number;
    readonly maxUnsent?: number;
    readonly maxHeld?: number;
    readonly maxBuffered?: number;
    readonly maxCalls?: number;
    readonly maxFrame?: number;
    readonly callCredit?: number;
    readonly connectionCredit?: number;
    readonly maxRedirects?: number;
  };
  readonly pool: {
    readonly maxSocketsPerHost?: number;
    readonly maxOpenPerHost?: number;
    readonly keepAlive?: number;
  };
  readonly log: { readonly level?: LogLevel; readonly format?: "text" | "json" };
  readonly retry?: {
    readonly attempts?: number;
    readonly unsafe?: "never" | "keyed" | "always";
    readonly backoff?: { readonly base?: number; readonly max?: number };
    readonly maxWait?: number;
    readonly body?: number;
    readonly budget?: { readonly share?: number; readonly perSecond?: number };
  };
  readonly hedge?: { readonly after?: number; readonly attempts?: number };
  readonly breaker?: {
    readonly enabled?: boolean;
    readonly consecutiveFailures?: number;
    readonly streak?: number;
    readonly successShare?: number;
    readonly minCalls?: number;
    readonly open?: number;
    readonly maxOpen?: number;
  };
  readonly rateLimits?: readonly RateLimitConfig[];
  readonly learnLimits?: boolean;
  readonly bulkhead?: {
    readonly total?: number;
    readonly perTenant?: number;
    readonly perHost?: number;
    readonly queue?: number;
  };
  readonly keep?: {
    readonly enabled?: boolean;
    readonly age?: number;
    readonly bytesPerStream?: number;
    readonly bytes?: number;
    readonly perTenant?: number;
  };
  readonly quotas?: { readonly file: string; readonly rules: readonly QuotaConfig[] };
  readonly cache?: boolean;
  readonly coalesce?: boolean;
  readonly tenants?: Readonly<Record<string, TenantConfig>>;
  readonly secrets?: Readonly<Record<string, SecretConfig>>;
  readonly credentials?: readonly CredentialConfig[];
  readonly databases?: DatabasesConfig;
}

export interface QuotaConfig {
  readonly tenant?: string;
  readonly period: "day" | "month";
  readonly calls?: number;
  readonly bytes?: number;
  readonly cost?: number;
  readonly costFrom?: string;
}

/** The configuration when there is no file. */
export const NO_CONFIG: RuntimeConfig = {
  tokens: [],
  egress: {},
  timeouts: {},
  limits: {},
  pool: {},
  log: {},
};
