/** SQLite of Bun. */
import type { SqliteHandle, SqliteRow } from "../shared/database/sqlite/handle.ts";

export async function openSqlite(path: string): Promise<SqliteHandle> {
  const { Database } = await import("bun:sqlite");
  const database = new Database(path, { create: true, readwrite: true, safeIntegers: true });
  return {
    prepare(text) {
      const statement = database.prepare(text);
      return {
        columns: statement.columnNames,
        rows: (parameters) =>
          statement.iterate(...parameters as never[]) as IterableIterator<SqliteRow>,
        run: (parameters) => statement.run(...parameters as never[]).changes,
      };
    },
    exec: (text) => void database.exec(text),
    close: () => database.close(),
  };
}
