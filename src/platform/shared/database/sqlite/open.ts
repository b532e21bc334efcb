/** Opens SQLite's databases: a file for each connection, and one in memory for each tenant. */
import type { DatabaseConnection, DatabaseTarget } from "../../../../core/database/driver.ts";
import { SqliteConnection } from "./connection.ts";
import { sqliteError } from "./errors.ts";
import type { OpenSqlite, SqliteHandle } from "./handle.ts";

export interface SqliteFiles {
  open(target: DatabaseTarget): Promise<DatabaseConnection>;
  close(): Promise<void>;
}

/** Writers do not stop readers, and nobody waits in this thread: the engine tries again. */
const SETTINGS = "pragma busy_timeout = 0; pragma foreign_keys = 1";

export function createSqliteFiles(openSqlite: OpenSqlite): SqliteFiles {
  const inMemory = new Map<string, Promise<SqliteHandle>>();

  async function begin(path: string): Promise<SqliteHandle> {
    try {
      const handle = await openSqlite(path);
      handle.exec(SETTINGS);
      return handle;
    } catch (error) {
      throw sqliteError(error);
    }
  }

  return {
    async open({ url, owner }) {
      const path = decodeURIComponent(url.pathname);
      if (path !== ":memory:") return new SqliteConnection(await begin(path), false);
      const key = JSON.stringify([owner, url.href]);
      let handle = inMemory.get(key);
      if (handle === undefined) {
        handle = begin(path);
        inMemory.set(key, handle);
        handle.catch(() => inMemory.delete(key));
      }
      return new SqliteConnection(await handle, true);
    },
    async close() {
      const all = [...inMemory.values()];
      inMemory.clear();
      await Promise.allSettled(all.map(async (handle) => (await handle).close()));
    },
  };
}
