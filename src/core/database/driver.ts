/** What a runtime provides so that the engine can reach databases. Pools, deadlines, shapes and policy are the engine's. */
import type { CallSignal } from "../async/call_signal.ts";
import type { PinnedAddress } from "../rules/pinned_address.ts";
import type { CommandBody, DatabaseDescription, StatementBody } from "./body.ts";
import type { DatabaseKind } from "./schemes.ts";

export interface DatabaseDrivers {
  /** Rejects with a ConnectorError: `package.missing`, `connect.*`, `tls.*`, `database.*`. */
  open(target: DatabaseTarget, signal: CallSignal): Promise<DatabaseConnection>;
  /** Lets go of what outlives connections. */
  close(): Promise<void>;
}

export interface DatabaseTarget {
  readonly kind: DatabaseKind;
  /** With its password. */
  readonly url: URL;
  /** Connect here, whatever the host resolves to. Absent: there is no network between. */
  readonly pinned: PinnedAddress | undefined;
  /** Whose it is: databases in memory are not shared by tenants. */
  readonly owner: string;
  /** Certificate authorities (PEM) trusted besides the well-known ones. */
  readonly ca: readonly string[];
}

/** One connection, used by one call at a time. */
export interface DatabaseConnection {
  /** False once it must not be used again: lost, cancelled, or with traces of a call that cannot be taken back. */
  readonly usable: boolean;
  /** Called when it is lost while nobody uses it. */
  onLost: (() => void) | undefined;
  /** Rejects with a ConnectorError. */
  run(work: DatabaseWork): Promise<DatabaseOutcome>;
  /** Rows as they are asked for. Errors come from `next`. */
  stream(work: DatabaseWork): DatabaseCursor;
  /** Ends what runs, on the server too; what runs then rejects. */
  cancel(): void;
  close(): void;
}

export interface DatabaseWork {
  readonly body: StatementBody | CommandBody;
  /** Of the server's own limit for the statement, milliseconds. */
  readonly timeoutMs: number;
  /** Rows to read at most. */
  readonly maxRows: number;
}

/** All in JSON, since most of it is passed on as it is. */
export type DatabaseOutcome =
  | {
    readonly kind: "rows";
    /** An object each; for the result `value` what is in the first column. */
    readonly rows: readonly string[];
    readonly columns: number;
    /** Whether there were more than `maxRows`. */
    readonly more: boolean;
    readonly affected: number;
  }
  | { readonly kind: "value"; readonly json: string }
  | { readonly kind: "description"; readonly description: DatabaseDescription };

export interface DatabaseCursor {
  /** Some rows, an object each in JSON; undefined after the last. One at a time. */
  next(): Promise<readonly string[] | undefined>;
  /** Ends it, wherever it is. The connection is free when this resolves; it never rejects. */
  close(): Promise<void>;
}
