/** An operator's limits, and quotas that survive the daemon, however it ends. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../src/client/mod.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import { runtime } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

let upstream: UpstreamServer;
let folder = "";
beforeAll(async () => {
  upstream = await startUpstream();
  folder = mkdtempSync(join(tmpdir(), "vl-"));
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined) {
    test.skip(`limits of a daemon on ${name}: ${missing}`, () => {});
    continue;
  }
  describe(`limits of a daemon on ${name}`, () => {
    const running: DaemonProcess[] = [];
    const clients: RuntimeClient[] = [];
    const socket = () => join(folder, `${name}.sock`);
    const config = () => join(folder, `${name}.yaml`);
    const quotas = () => join(folder, `${name}.sqlite`);

    async function start(yaml: string): Promise<DaemonProcess> {
      writeFileSync(config(), yaml);
      const daemon = await startDaemonProcess(name, [
        "--listen",
        `unix:${socket()}`,
        "--admin",
        "tcp://127.0.0.1:0",
        "--allow",
        `127.0.0.1:${upstream.port}`,
        "--config",
        config(),
      ]);
      running.push(daemon);
      return daemon;
    }
    function client(tenantId: string): RuntimeClient {
      const made = new RuntimeClient({ address: `unix:${socket()}`, tenantId });
      clients.push(made);
      return made;
    }
    const get = (from: RuntimeClient) => from.executeHTTP({ url: `${upstream.url}/json` });
    async function refusal(call: Promise<unknown>): Promise<ConnectorError> {
      const error = await call.then(() => undefined, (thrown: unknown) => thrown);
      if (error instanceof ConnectorError) return error;
      throw new Error(`not refused: ${error}`);
    }
    async function metric(daemon: DaemonProcess, line: string): Promise<number | undefined> {
      const text = await (await fetch(`${daemon.admin}/metrics`)).text();
      const found = text.split("\n").find((one) => one.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.slice(line.length + 1));
    }
    afterAll(async () => {
      for (const made of clients) await made.close();
      for (const daemon of running) await daemon.kill();
    });

    test("are shared by all its clients, and seen in its metrics", async () => {
      const daemon = await start(`
rateLimits:
  - { name: shop, host: "127.0.0.1:${upstream.port}", calls: 3, per: 1h }
`);
      const [one, two] = [client("a"), client("b")] as const;
      await get(one);
      await get(two);
      await get(one);
      const error = await refusal(get(two));
      expect(error).toMatchObject({ code: "rate.limited", origin: "local", sent: "no" });
      expect(error.message).toContain("the rate limit of shop");
      expect(error.retryAfterMs).toBeGreaterThan(1_000_000);
      expect(await metric(daemon, 'vastar_rate_limit_refused_total{limit="shop"}')).toBe(1);
      expect(await metric(daemon, 'vastar_rate_limit_queued{limit="shop"}')).toBe(0);
      expect(await metric(daemon, "vastar_bulkhead_active")).toBe(0);
      await daemon.kill();
    }, 60_000);

    test(
      "on quotas outlive a daemon that is killed: nothing saved is lost, nothing counts twice",
      async () => {
        const left = 'vastar_quota_left{tenant="a",period="month",kind="calls"}';
        const yaml = `quotas: { file: ${quotas()}, rules: [ { period: month, calls: 1000 } ] }\n`;
        /** As another process sees the file: what a killed daemon leaves. */
        const saved = (): number => {
          const file = new DatabaseSync(quotas());
          try {
            return Number(file.prepare("SELECT sum(calls) AS calls FROM quota").get()?.["calls"]);
          } finally {
            file.close();
          }
        };
        let made = 0;
        let least = 0;
        for (let round = 0; round < 2; round++) {
          const daemon = await start(yaml);
          const from = client("a");
          await get(from);
          made++;
          const used = 1_000 - (await metric(daemon, left) ?? NaN);
          expect(used).toBeGreaterThanOrEqual(least + 1);
          expect(used).toBeLessThanOrEqual(made);
          for (let i = 0; i < 10; i++) await get(from);
          made += 10;
          await until(() => saved() === used + 10, "saved", 20_000);
          least = used + 10;
          // These may be lost: they are younger than a second.
          await Promise.all(Array.from({ length: 20 }, () => get(from)));
          made += 20;
          await daemon.kill();
          await from.close();
        }
        // What ends as it should loses nothing.
        const before = saved();
        const daemon = await start(yaml);
        await get(client("a"));
        daemon.signal("SIGTERM");
        expect(await daemon.exit).toBe(0);
        expect(saved()).toBe(before + 1);
      },
      120_000,
    );
  });
}
