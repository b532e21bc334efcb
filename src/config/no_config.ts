/** The configuration without a file. A module of its own, so that a runtime without a file loads no YAML parser. */
import type { RuntimeConfig } from "./runtime_config.ts";

export const NO_CONFIG: RuntimeConfig = {
  tokens: [],
  egress: {},
  timeouts: {},
  limits: {},
  pool: {},
  log: {},
};
