/** Databases through every kind of address: servers where there are some, and what runs within the runtime. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  mariadbServer,
  MYSQL_PORT,
  mysqlUrl,
  POSTGRES_PORT,
  postgresUrl,
  REDIS_PORT,
  serverOn,
} from "../../support/databases.ts";
import { titled } from "../../support/runtimes.ts";
import { OWN_CHORES } from "../../support/share.ts";
import { type Host, type HostName, startHost } from "../hosts.ts";
import type { DatabaseBehaviour } from "./behaviour.ts";
import { mysql } from "./mysql.ts";
import { redis, REDIS_URL } from "./redis.ts";
import { sqlite } from "./sqlite.ts";
import { statements } from "./statements.ts";

interface Kind {
  readonly name: string;
  readonly url: string;
  readonly missing: string | undefined;
  readonly behaviours: readonly DatabaseBehaviour[];
}

const [postgres, mariadb, redisServer] = await Promise.all([
  serverOn(POSTGRES_PORT, "PostgreSQL"),
  mariadbServer(),
  serverOn(REDIS_PORT, "Redis"),
]);
const KINDS: readonly Kind[] = [
  { name: "PostgreSQL", url: postgresUrl(), missing: postgres.missing, behaviours: statements },
  { name: "MariaDB", url: mysqlUrl(), missing: mariadb.missing, behaviours: mysql },
  { name: "Redis", url: REDIS_URL, missing: redisServer.missing, behaviours: redis },
  { name: "SQLite", url: "sqlite::memory:", missing: undefined, behaviours: sqlite },
];
/** What databases answer does not depend on the kind of socket: one is for the run on Bun, the other for the others. */
const ADDRESSES: readonly HostName[] = ["embedded", OWN_CHORES ? "unix" : "tcp"];
const ALLOWED = [POSTGRES_PORT, MYSQL_PORT, REDIS_PORT].map((port) => `127.0.0.1:${port}`);

const folder = mkdtempSync(join(tmpdir(), "vc-databases-"));
mkdirSync(join(folder, "open"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (name: HostName) =>
  startHost(name, ALLOWED, {
    databases: {
      files: [`${folder}/open/*`],
      named: {
        "of-files": {
          url: `sqlite:${folder}/named.db`,
          connectors: ["shop-*"],
          tenants: ["acme"],
          readOnly: true,
        },
      },
    },
  });

for (const address of ADDRESSES) {
  describe(`${address}:`, () => {
    let host: Host;
    beforeAll(async () => {
      host = await start(address);
    });
    afterAll(() => host.stop());
    for (const { name, url, missing, behaviours } of KINDS) {
      for (const behaviour of behaviours) {
        const title = titled(`${name}: ${behaviour.name}`, missing);
        test.skipIf(missing !== undefined)(title, async () => {
          const client = host.client({ tenantId: title });
          await behaviour.run({ client, url, folder });
        });
      }
    }
  });
}
