/** Configuration files: YAML with positions, environment variables, profiles and types. */
export { readRuntimeConfig } from "./read_config.ts";
export type { LogLevel, RuntimeConfig } from "./runtime_config.ts";
export type { RateLimitConfig } from "./rate_limit_config.ts";
export type {
  CredentialConfig,
  DatabasesConfig,
  SecretConfig,
  TenantConfig,
} from "./tenant_config.ts";
export { parseConfig } from "./parse_config.ts";
export {
  clientOptions,
  type ConfiguredClient,
  type RuntimeSettings,
  runtimeSettings,
} from "./runtime_settings.ts";
export { type Config, Setting, setting, type Settings } from "./setting.ts";
export type { ConfigSource } from "./profiles.ts";
export { readWorkerConfig, type WorkerConfig } from "./worker_config.ts";
