/** SQLite of Node and Deno. */
import type { OpenSqlite, SqliteRow } from "./handle.ts";

/** @param lazily whether rows may be asked for one by one: Deno loses an error in the middle of them. */
export function openerOf(lazily: boolean): OpenSqlite {
  return async (path) => {
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(path);
    return {
      prepare(text) {
        const statement = database.prepare(text);
        statement.setReadBigInts(true);
        return {
          columns: statement.columns().map(({ name }) => name),
          rows: (parameters) =>
            (lazily
              ? statement.iterate(...parameters)
              : statement.all(...parameters).values()) as unknown as IterableIterator<SqliteRow>,
          run: (parameters) => Number(statement.run(...parameters).changes),
        };
      },
      exec: (text) => database.exec(text),
      close: () => database.close(),
    };
  };
}
