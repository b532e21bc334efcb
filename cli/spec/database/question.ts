/** What is asked about a statement, and the words in which databases disagree. */
import type { SqlModel } from "../../../codegen/model/mod.ts";
import type { LockedOperation } from "../../../codegen/read/database/lock.ts";

export type Described = Pick<LockedOperation, "inputs" | "columns">;

/** Answers for one statement after the other. Fails with what the database says of it. */
export interface Describer {
  describe(query: SqlModel): Promise<Described>;
  close(): Promise<void>;
}

/** Where nothing better is known: a join may leave rows of one side out, and then all of its columns are null. */
export function mayLeaveOut(statement: string): boolean {
  return /\b(?:left|right|full)\b[^;]*\bjoin\b|\b(?:rollup|cube|grouping\s+sets)\b/i.test(
    statement,
  );
}
