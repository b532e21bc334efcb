import type { ConnectorModel } from "../model/mod.ts";
import type { Changes } from "./changes.ts";
import type { SchemaDiff } from "./schemas.ts";

/** Two versions of a connector, and the changes found so far. */
export interface Comparison {
  readonly old: ConnectorModel;
  readonly new: ConnectorModel;
  readonly changes: Changes;
  readonly schemas: SchemaDiff;
}
