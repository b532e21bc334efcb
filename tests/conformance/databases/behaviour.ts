/** What every behaviour of the suite gets. */
import type { RuntimeClient } from "../../../mod.ts";

export interface DatabaseContext {
  /** For a tenant of its own. */
  readonly client: RuntimeClient;
  readonly url: string;
  /** What is in `open` in it may be opened. */
  readonly folder: string;
}

export interface DatabaseBehaviour {
  readonly name: string;
  readonly run: (context: DatabaseContext) => Promise<void>;
}
