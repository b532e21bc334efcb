/** PostgreSQL through every address: a server, and PGlite where there may be none. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { POSTGRES_PORT, postgresUrl, serverOn } from "../../support/databases.ts";
import { titled } from "../../support/runtimes.ts";
import { type Host, HOSTS, startHost } from "../hosts.ts";
import { statements } from "./statements.ts";

const { missing } = await serverOn(POSTGRES_PORT, "PostgreSQL");

for (const name of HOSTS) {
  describe(titled(`${name}:`, missing), () => {
    let host: Host;
    beforeAll(async () => {
      if (missing === undefined) host = await startHost(name, [`127.0.0.1:${POSTGRES_PORT}`]);
    });
    afterAll(() => host?.stop());
    for (const behaviour of statements) {
      test.skipIf(missing !== undefined)(titled(behaviour.name, missing), async () => {
        await behaviour.run({ client: host.client(), url: postgresUrl() });
      });
    }
  });
}

describe("PGlite:", () => {
  let host: Host;
  beforeAll(async () => {
    host = await startHost("embedded", []);
  });
  afterAll(() => host?.stop());
  // Its databases in memory are the client's engine's.
  test("does what a server does", async () => {
    const client = host.client();
    for (const { run } of statements) await run({ client, url: "pglite:" });
  }, 60_000);
});
