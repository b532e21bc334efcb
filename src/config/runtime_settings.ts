/** The settings of a program's own file that are about the runtime. */
import { type Config, type Setting, setting, type Settings } from "./setting.ts";

export interface RuntimeSettings extends Settings {
  /** `embedded:`, `unix:/path` or `tcp://host:port`. */
  readonly address: Setting<string | undefined>;
  readonly tenantId: Setting<string | undefined>;
  readonly workspaceId: Setting<string | undefined>;
  readonly timeout: Setting<number | undefined>;
  /** What the engine in this process may connect to besides public addresses: `[loopback]`. */
  readonly allow: Setting<readonly string[]>;
}

/** A section for {@link parseConfig}; `clientOptions` turns it into options. */
export const runtimeSettings: RuntimeSettings = {
  address: setting.text().optional(),
  tenantId: setting.text().optional(),
  workspaceId: setting.text().optional(),
  timeout: setting.duration().optional(),
  allow: setting.strings([]),
};

/** Options of a RuntimeClient. */
export interface ConfiguredClient {
  readonly address: string | undefined;
  readonly tenantId: string | undefined;
  readonly workspaceId: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly egress: { readonly allow: readonly string[] } | undefined;
}

/** `new RuntimeClient(clientOptions(config.runtime))` */
export function clientOptions(runtime: Config<RuntimeSettings>): ConfiguredClient {
  const { address, tenantId, workspaceId, timeout, allow } = runtime;
  const egress = allow.length === 0 ? undefined : { allow };
  return { address, tenantId, workspaceId, timeoutMs: timeout, egress };
}
