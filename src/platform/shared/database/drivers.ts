/** Databases on Bun, Deno and Node. What a kind needs is loaded when a call first needs it. */
import type { DatabaseConnection, DatabaseDrivers } from "../../../core/database/driver.ts";
import type { PgliteInstances } from "./postgres/pglite.ts";
import type { OpenSqlite } from "./sqlite/handle.ts";
import type { SqliteFiles } from "./sqlite/open.ts";

/** @param sqlite loads the runtime's own. */
export function createDrivers(sqlite: () => Promise<OpenSqlite>): DatabaseDrivers {
  let pglite: Promise<PgliteInstances> | undefined;
  let files: Promise<SqliteFiles> | undefined;

  async function loadFiles(): Promise<SqliteFiles> {
    const { createSqliteFiles } = await import("./sqlite/open.ts");
    return createSqliteFiles(await sqlite());
  }

  return {
    async open(target, signal): Promise<DatabaseConnection> {
      switch (target.kind) {
        case "postgres": {
          const { dialPostgres } = await import("./postgres/network.ts");
          const { openPostgres } = await import("./postgres/open.ts");
          return await openPostgres(target, () => dialPostgres(target, signal), signal);
        }
        case "pglite": {
          pglite ??= import("./postgres/pglite.ts").then(({ createPglite }) => createPglite());
          const instances = await pglite;
          const { openPostgres } = await import("./postgres/open.ts");
          return await openPostgres(target, () => instances.transport(target), signal);
        }
        case "mysql":
          return await (await import("./mysql/open.ts")).openMysql(target, signal);
        case "sqlite":
          files ??= loadFiles();
          return await (await files).open(target);
        case "redis":
          return await (await import("./redis/open.ts")).openRedis(target, signal);
      }
    },
    async close() {
      await Promise.all([(await pglite)?.close(), (await files)?.close()]);
    },
  };
}
