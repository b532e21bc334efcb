/** Three runtimes as processes that share one rate limit, through NATS and through Redis. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import { ownName } from "../../support/databases.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { removeShared, storePlaces } from "../../support/servers/shared_store.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const PER_SECOND = 150;
const BURST = 15;
const CALLS = 360;
const MEMBERS = 3;

const name = ownName("limit");
const bun = runtime("bun");

let api: Server;
let folder = "";
const arrived: number[] = [];
beforeAll(async () => {
  api = createServer((_, response) => {
    arrived.push(performance.now());
    response.end("ok");
  }).listen(0, "127.0.0.1");
  await new Promise((ready) => api.once("listening", ready));
  folder = mkdtempSync(join(tmpdir(), "vs-"));
});
afterAll(async () => {
  api.close();
  rmSync(folder, { recursive: true, force: true });
  await removeShared(name);
});

for (const { kind, missing, at } of await storePlaces(name)) {
  const why = bun.missing ?? missing;
  describe.skipIf(why !== undefined)(
    titled(`three runtimes that share a limit through ${kind}`, why),
    () => {
      const members: DaemonProcess[] = [];
      afterAll(async () => {
        for (const member of members) await member.kill();
      });

      test("let through what one would, each its part, and say that they share", async () => {
        const port = (api.address() as AddressInfo).port;
        const config = join(folder, `${kind}.yaml`);
        writeFileSync(
          config,
          `shared: { store: "${await at()}", name: ${name} }
admin: tcp://127.0.0.1:0
rateLimits: [{ calls: ${PER_SECOND}, per: 1s, burst: ${BURST}, maxWait: 60s }]
`,
        );
        members.push(
          ...await Promise.all(
            Array.from({ length: MEMBERS }, (_, one) =>
              startDaemonProcess("bun", [
                ...["--listen", `unix:${folder}/${kind}${one}.sock`, "--config", config],
                ...["--allow", `127.0.0.1:${port}`],
              ])),
          ),
        );
        arrived.length = 0;
        const clients = members.map(({ addresses: [first] }) =>
          new RuntimeClient({ address: first?.kind === "unix" ? `unix:${first.path}` : "" })
        );
        const begun = performance.now();
        await Promise.all(
          clients.flatMap((client) =>
            Array.from({ length: CALLS / MEMBERS }, async () => {
              await client.executeHTTP({
                method: "GET",
                url: `http://127.0.0.1:${port}/`,
                timeoutMs: 60_000,
              });
            })
          ),
        );
        expect(arrived.length).toBe(CALLS);
        // However slow the machine is: so many calls take no less than the limit says, of which 2 % may be missing.
        const least = (CALLS - BURST) / PER_SECOND * 1_000;
        expect((arrived.at(-1) ?? 0) - begun).toBeGreaterThan(least * 0.98);
        const admin = members[0]?.admin ?? "";
        const metrics = await (await fetch(`${admin}/metrics`)).text();
        expect(metrics).toMatch(/vastar_shared_members [123]\n/);
        expect(metrics).toMatch(/vastar_shared_store_away_seconds 0\n/);
        expect(metrics).toMatch(/vastar_shared_leases_total [1-9]/);
        for (const client of clients) {
          await client.close();
        }
      }, 120_000);
    },
  );
}
