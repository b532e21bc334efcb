/** Runtimes that are started before the server of NATS. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import { natsBinaryMissing, NatsServer } from "../../support/nats.ts";
import { runtime, RUNTIMES, titled } from "../../support/runtimes.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { spawnDaemon, startDaemonProcess } from "../support/daemon_process.ts";

for (const name of RUNTIMES) {
  const missing = runtime(name).missing ?? natsBinaryMissing;
  describe.skipIf(missing !== undefined)(titled(`a runtime on ${name}`, missing), () => {
    let upstream: UpstreamServer;
    const folder = mkdtempSync(join(tmpdir(), "vl-"));
    beforeAll(async () => void (upstream = await startUpstream()));
    afterAll(async () => {
      await upstream.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("serves its own listeners without the server, and joins once it is there", async () => {
      const server = await NatsServer.start();
      await server.down();
      const address = `nats://${server.at}/late`;
      const socket = `unix:${join(folder, "own.sock")}`;
      const listen = ["--listen", socket, "--admin", "tcp://127.0.0.1:0"];
      const allow = ["--allow", `127.0.0.1:${upstream.port}`];
      const daemon = await startDaemonProcess(name, [...listen, ...allow, "--join", address]);
      const client = new RuntimeClient({ address: socket });
      const pooled = new RuntimeClient({ address });
      try {
        const ready = async () => {
          const answer = await fetch(`${daemon.admin}/readyz`);
          return `${answer.status} ${await answer.text()}`;
        };
        const call = async (from: RuntimeClient) =>
          (await from.executeHTTP({ url: `${upstream.url}/json` })).status;
        expect(daemon.stdout()).not.toContain(address);
        expect(daemon.stderr()).toContain("nothing listens there; the pool is joined as soon as");
        expect(await call(client)).toBe(200);
        expect(await ready()).toMatch(/^503 .*there is no connection to the pool's NATS/s);

        await server.up();
        while (!(await ready()).startsWith("200")) {
          await new Promise((wake) => setTimeout(wake, 20));
        }
        expect(await call(pooled)).toBe(200);
        expect(daemon.stderr()).toContain(`joined ${address}`);
      } finally {
        await pooled.close();
        await client.close();
        await daemon.kill();
        await server.stop();
      }
    }, 60_000);

    test("ends at once on a signal while it waits, also without listeners of its own", async () => {
      const daemon = await startDaemonProcess(name, ["--join", "nats://127.0.0.1:1/nowhere"]);
      expect(daemon.stdout()).toBe("vastar runtime ready\n");
      daemon.signal("SIGTERM");
      expect(await daemon.exit).toBe(0);
    }, 60_000);

    test("does not start with credentials that the server refuses", async () => {
      const server = await NatsServer.start(["--user", "a", "--pass", "right"]);
      const daemon = spawnDaemon(name, [], { VASTAR_JOIN: `nats://a:wrong@${server.at}/p` });
      try {
        expect(await daemon.exit).toBe(1);
        expect(daemon.stderr()).toContain("the server refuses these credentials");
        expect(daemon.stderr()).not.toContain("wrong");
      } finally {
        await daemon.kill();
        await server.stop();
      }
    }, 60_000);
  });
}
