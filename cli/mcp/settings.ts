/** What `vastar mcp` was told, as its parts read it. */
import type { TenantOptions } from "../../src/engine/tenancy/tenant_options.ts";

export interface McpSettings {
  readonly folder: string;
  /** Ids; empty: all. */
  readonly only: readonly string[];
  /** `embedded:`, `unix:/path` or `tcp://host:port`. */
  readonly address: string;
  readonly allow: readonly string[];
  /** By connector id. */
  readonly baseUrls: Readonly<Record<string, string>>;
  readonly simulator: boolean;
  readonly tenants: Readonly<Record<string, TenantOptions>>;
  readonly env: (name: string) => string | undefined;
  readonly notice: (text: string) => void;
}
