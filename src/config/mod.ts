/** Configuration files: YAML with positions, environment variables, profiles and types. */
export { readRuntimeConfig } from "./read_config.ts";
export type { LogLevel, RateLimitConfig, RuntimeConfig } from "./runtime_config.ts";
export { readSettings } from "./settings.ts";
export { type ConfigNode, ConfigProblems, type ConfigSource, readTree } from "./tree.ts";
