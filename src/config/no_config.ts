/** The configuration without a file. A module of its own, so that a runtime without a file loads no YAML parser. */
import type { RuntimeConfig } from "./runtime_config.ts";

export const NO_CONFIG: RuntimeConfig = {
  listen: undefined,
  admin: undefined,
  tokens: [],
  egress: { allow: undefined, mode: undefined },
  timeouts: {
    call: undefined,
    maxCall: undefined,
    connect: undefined,
    firstByte: undefined,
    idle: undefined,
    frame: undefined,
    drain: undefined,
  },
  limits: {
    maxConnections: undefined,
    maxOpenCalls: undefined,
    maxUnsent: undefined,
    maxHeld: undefined,
    maxBuffered: undefined,
    maxCalls: undefined,
    maxFrame: undefined,
    callCredit: undefined,
    connectionCredit: undefined,
    maxRedirects: undefined,
  },
  pool: { maxSocketsPerHost: undefined, keepAlive: undefined },
  log: { level: undefined, format: undefined },
};
