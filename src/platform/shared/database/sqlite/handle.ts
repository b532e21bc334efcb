/** What is used of a runtime's own SQLite. Everything happens at once, in the thread that asks. */

export type SqliteValue = null | number | bigint | string | Uint8Array;
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

export interface SqliteStatement {
  /** Names of its columns; none for what gives no rows. */
  readonly columns: readonly string[];
  /** Rows as they are asked for; `return` ends it. */
  rows(parameters: readonly SqliteValue[]): IterableIterator<SqliteRow>;
  /** How many rows it changed. */
  run(parameters: readonly SqliteValue[]): number;
}

export interface SqliteHandle {
  /** Throws if the text cannot be prepared. */
  prepare(text: string): SqliteStatement;
  /** Several statements, none of which is a caller's. */
  exec(text: string): void;
  close(): void;
}

/** Opens a file, or `:memory:`. */
export type OpenSqlite = (path: string) => Promise<SqliteHandle>;
