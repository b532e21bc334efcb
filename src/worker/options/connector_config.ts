/** How a connector is configured. */
import type { ClientOptions } from "../../connector/data/options.ts";

/** A connector's constructor options: its own config fields and the common options. */
export type ConnectorConfig = Omit<ClientOptions, "runtime"> & {
  readonly [field: string]: unknown;
};
