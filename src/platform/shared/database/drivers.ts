/** Databases on Bun, Deno and Node. What a kind needs is loaded when a call first needs it. */
import type { DatabaseConnection, DatabaseDrivers } from "../../../core/database/driver.ts";
import { invalidRequest } from "../../../core/errors.ts";
import type { PgliteInstances } from "./postgres/pglite.ts";

export function createDrivers(): DatabaseDrivers {
  let pglite: Promise<PgliteInstances> | undefined;

  const instances = (): Promise<PgliteInstances> =>
    pglite ??= import("./postgres/pglite.ts").then(({ createPglite }) => createPglite());

  return {
    async open(target, signal): Promise<DatabaseConnection> {
      switch (target.kind) {
        case "postgres": {
          const { dialPostgres } = await import("./postgres/network.ts");
          const { openPostgres } = await import("./postgres/open.ts");
          return await openPostgres(target, await dialPostgres(target, signal), signal);
        }
        case "pglite": {
          const { openPostgres } = await import("./postgres/open.ts");
          const transport = await (await instances()).transport(target);
          return await openPostgres(target, transport, signal);
        }
        default:
          throw invalidRequest("request.url", `${target.kind}: is not there yet`);
      }
    },
    async close() {
      await (await pglite)?.close();
    },
  };
}
