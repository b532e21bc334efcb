/**
 * What the configuration of the runtime may say. `schemas/runtime-config.schema.json` says which settings there are; one that is
 * added there is also added to {@link RuntimeConfig}, which a type test compares with it, and read in the command line. Apart
 * from the reader, so that a runtime without a file loads no YAML parser.
 */

export type LogLevel = "debug" | "info" | "warning" | "error";

/** What the file says; absent where it says nothing. Times in ms, sizes in bytes. */
export interface RuntimeConfig {
  readonly listen?: readonly string[];
  readonly admin?: string;
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
}

/** The configuration without a file. */
export const NO_CONFIG: RuntimeConfig = {
  tokens: [],
  egress: {},
  timeouts: {},
  limits: {},
  pool: {},
  log: {},
};
