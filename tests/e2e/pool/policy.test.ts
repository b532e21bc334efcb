/** A policy that runtimes read from the store that they share. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownName } from "../../support/databases.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { removeShared, storePlaces } from "../../support/servers/shared_store.ts";
import { vastar } from "../../unit/cli/support.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const name = ownName("policy");

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "vy-"))));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await removeShared(name);
});

const own = (store: string, more = "", copy = "copy.yaml"): string => `
shared: { store: "${store}", name: ${name}, policy: ${folder}/${copy} }
admin: tcp://127.0.0.1:0
secrets: { key: { env: KEY } }
${more}`;

async function inForce(daemon: DaemonProcess): Promise<Record<string, unknown>> {
  const config = await (await fetch(`${daemon.admin}/config`)).json() as {
    engine: Record<string, unknown>;
  };
  return config.engine;
}

/** The reload has no reply: it is in force or not. */
async function until(daemon: DaemonProcess, units: number): Promise<void> {
  for (;;) {
    const { rateLimits } = await inForce(daemon) as { rateLimits?: { calls: number }[] };
    if (rateLimits?.[0]?.calls === units) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

for (const { kind, missing, at } of await storePlaces(name)) {
  const why = runtime("bun").missing ?? missing;
  describe.skipIf(why !== undefined)(titled(`the policy of all in ${kind}`, why), () => {
    const daemons: DaemonProcess[] = [];
    const start = async (config: string): Promise<DaemonProcess> => {
      const socket = `unix:${folder}/${daemons.length}${kind}.sock`;
      const daemon = await startDaemonProcess("bun", ["--listen", socket, "--config", config], {
        KEY: "s3cret-value",
      });
      daemons.push(daemon);
      return daemon;
    };
    afterAll(async () => {
      for (const daemon of daemons) await daemon.kill();
    });

    test("is obeyed when it comes, when it changes, and when the store is away", async () => {
      const config = join(folder, `${kind}.yaml`);
      const policy = join(folder, "policy.yaml");
      writeFileSync(config, own(await at()));
      const put = (text: string) => {
        writeFileSync(policy, text);
        return vastar(["runtime", "policy", policy, "--config", config], {
          env: { KEY: "s3cret-value" },
        });
      };
      const limit = (calls: number): string =>
        `rateLimits: [{ calls: ${calls}, per: 1s }]
credentials: [{ connectors: [shop], secret: key, hosts: [api.example.com], headers: { x-api-key: "\${secret}" } }]
`;
      const first = await start(config);
      expect(await put(limit(7))).toMatchObject({ code: 0, stderr: "" });
      await until(first, 7);
      // It is kept a moment after it is in force.
      const copy = join(folder, "copy.yaml");
      while (!existsSync(copy) || readFileSync(copy, "utf8") !== limit(7)) {
        await new Promise((wake) => setTimeout(wake, 20));
      }
      await put(limit(8));
      await until(first, 8);

      const wrong = await put(
        `rateLimits: [{ calls: 9, per: 1s }]\nquotas: { rules: [{ period: year }] }\n`,
      );
      expect(wrong.code).not.toBe(0);
      expect(wrong.stderr).toContain("policy:2:");
      const misplaced = await put(`listen: [unix:/tmp/x]\n`);
      expect(misplaced.stderr).toContain("policy:1:1: listen belongs to the file of each runtime");
      const shown = await vastar(["runtime", "policy", "--config", config], {
        env: { KEY: "s3cret-value" },
      });
      expect(shown.stdout).toBe(limit(8));

      const away = join(folder, `${kind}-away.yaml`);
      writeFileSync(away, own(kind === "NATS" ? "nats://127.0.0.1:1/x" : "redis://127.0.0.1:1"));
      const second = await start(away);
      await until(second, 8);
      expect(await (await fetch(`${second.admin}/config`)).text()).not.toContain("s3cret-value");

      // The policy is good, but not below this file, which has the section as well.
      const conflicting = join(folder, `${kind}-conflicting.yaml`);
      writeFileSync(conflicting, own(await at(), "retry: { attempts: 2 }", `${kind}-kept.yaml`));
      writeFileSync(join(folder, `${kind}-kept.yaml`), limit(6));
      await put(`${limit(5)}retry: { attempts: 4 }`);
      const third = await start(conflicting);
      await until(third, 6);
      expect(third.stderr()).toContain("the policy of all was rejected: policy:3:1: retry is in");
    }, 60_000);
  });
}
