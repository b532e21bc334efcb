/** Configuration files: YAML with positions, environment variables, profiles and types. */
export { readRuntimeConfig } from "./read_config.ts";
export type { LogLevel, RuntimeConfig } from "./runtime_config.ts";
export type { RateLimitConfig } from "./rate_limit_config.ts";
export type { CredentialConfig, SecretConfig, TenantConfig } from "./tenant_config.ts";
export { readSettings } from "./settings.ts";
export { type ConfigNode, ConfigProblems, type ConfigSource, readTree } from "./tree.ts";
export { readWorkerConfig, type WorkerConfig } from "./worker_config.ts";
