/** The daemon: one engine for every process that can reach its socket. */
export type { DaemonEngine, DaemonLog, DaemonStats } from "./connection/shared.ts";
export {
  createDaemon,
  type Daemon,
  type DaemonDeps,
  type DaemonState,
  type DrainResult,
} from "./daemon.ts";
export { type Accept, formatAddress, type Listen, type Listener } from "./listen/listener.ts";
export type { DaemonOptions } from "./options.ts";
export type { AccessToken } from "./connection/tokens.ts";
