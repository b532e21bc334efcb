/** The runtime as a library: the engine that executes calls, and the daemon that shares it over sockets. */
export { systemClock } from "./core/clock.ts";
export type { Clock } from "./core/clock.ts";
export type { Platform, SocketAddress } from "./core/platform.ts";
export { createEngine, createKeyedCalls } from "./engine/engine.ts";
export type {
  CallRecord,
  EgressDenial,
  EgressOptions,
  Engine,
  EngineDeps,
  EngineOptions,
  EngineStats,
  KeyedCalls,
} from "./engine/engine.ts";
export * from "./daemon/mod.ts";
export { readRuntimeConfig, type RuntimeConfig } from "./config/mod.ts";
export { listen } from "./platform/listen.ts";
export { platform } from "#platform";
