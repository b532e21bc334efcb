/** A new daemon takes over from a running one: no call fails, whoever makes it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../src/client/mod.ts";
import type { SocketAddress } from "../../../src/core/platform.ts";
import { formatAddress } from "../../../src/transport/address.ts";
import { runtime } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { baseBody, baseRequest, WireClient } from "../../unit/daemon/support/wire_client.ts";
import { readPrometheus } from "../../support/servers/prometheus.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

let upstream: UpstreamServer;
let folder = "";
beforeAll(async () => {
  upstream = await startUpstream();
  folder = mkdtempSync(join(tmpdir(), "vt-"));
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Load {
  readonly failures: string[];
  calls: number;
  stop: boolean;
  /** A connection to the port was reset before its first answer, once. */
  reset: boolean;
}

/** The kernel gives connections that wait at a closed listener to another of the same port. */
const migrates = await readFile("/proc/sys/net/ipv4/tcp_migrate_req", "utf8")
  .then((text) => text.trim() !== "0", () => false);

/** Calls one after the other, over a connection that it keeps for a few, as pools do. */
async function base(address: SocketAddress, load: Load): Promise<void> {
  while (!load.stop) {
    const client = new WireClient(address);
    client.prompt = true;
    try {
      for (let id = 1; id <= 5 && !load.stop; id++) {
        client.bytes(baseRequest(id, { url: `${upstream.url}/json` }));
        const answered = client.next("response");
        // Nobody had accepted it, and who closed the port did not see it: docs/operations.md.
        if (id === 1 && address.kind === "tcp" && !migrates && !load.reset) {
          await answered.catch(() => {});
          load.reset = client.closed && client.received.length === 0;
          if (load.reset) break;
        }
        const { message } = await answered;
        if (baseBody(message).status_code !== 200) load.failures.push(message.errorMessage);
        load.calls++;
      }
    } catch (error) {
      load.failures.push(`base on ${address.kind}: ${String(error)}`);
    } finally {
      client.close();
    }
  }
}

async function session(client: RuntimeClient, load: Load, kind: string): Promise<void> {
  while (!load.stop) {
    try {
      const path = load.calls % 10 === 0 ? "/text?kb=300" : "/json";
      const response = await client.fetch(`${upstream.url}${path}`);
      if (response.status !== 200) load.failures.push(`status ${response.status}`);
      await response.arrayBuffer();
      load.calls++;
    } catch (error) {
      load.failures.push(`session on ${kind}: ${String(error)}`);
    }
  }
}

async function served({ admin }: DaemonProcess): Promise<number> {
  const families = readPrometheus(await (await fetch(`${admin}/metrics`)).text());
  return families.get("vastar_calls_total")?.samples.find((one) =>
    one.labels["error_class"] === "Success"
  )?.value ?? 0;
}

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined) {
    test.skip(`a take-over on ${name}: ${missing}`, () => {});
    continue;
  }
  describe(`a take-over on ${name}`, () => {
    // Deno does not let another process listen on its port.
    const tcp = name !== "deno" && globalThis.process.platform === "linux";

    test(
      `of ${tcp ? "a Unix socket and a port" : "a Unix socket"} under load fails no call`,
      async () => {
        const socket = join(folder, `${name}.sock`);
        const common = [
          ...["--allow", `127.0.0.1:${upstream.port}`, "--drain", "20"],
          ...["--listen", `unix:${socket}`],
        ];
        const old = await startDaemonProcess(name, [
          ...common,
          ...tcp ? ["--listen", "tcp://127.0.0.1:0"] : [],
          ...["--admin", "tcp://127.0.0.1:0"],
        ]);
        const running = [old];
        const clients: RuntimeClient[] = [];
        const load: Load = { failures: [], calls: 0, stop: false, reset: false };
        const workers: Promise<void>[] = [];
        try {
          for (const address of old.addresses) {
            const client = new RuntimeClient({ address: formatAddress(address) });
            clients.push(client);
            for (let n = 0; n < 2; n++) {
              workers.push(base(address, load), session(client, load, address.kind));
            }
          }
          await until(() => load.calls > 100, "the load to begin", 30_000);
          const taker = await startDaemonProcess(name, [
            ...common,
            ...old.addresses.flatMap((address) =>
              address.kind === "tcp" ? ["--listen", formatAddress(address)] : []
            ),
            ...["--admin", String(old.admin).replace("http:", "tcp:"), "--take-over"],
          ]);
          running.push(taker);
          old.signal("SIGUSR2");
          expect(await old.exit).toBe(0);
          const after = load.calls;
          await until(() => load.calls > after + 100, "the load to go on", 30_000);
          load.stop = true;
          await Promise.all(workers);
          expect(load.failures).toEqual([]);
          // The admin listener moved, too.
          let calls = 0;
          void (async () => {
            while (calls <= 100) calls = await served(taker).catch(() => 0);
          })();
          await until(() => calls > 100, "its admin", 30_000);
          expect(taker.addresses).toEqual(old.addresses);
          taker.signal("SIGTERM");
          expect(await taker.exit).toBe(0);
        } finally {
          load.stop = true;
          for (const client of clients) await client.close();
          for (const daemon of running) await daemon.kill();
        }
      },
      120_000,
    );
  });
}
