/** A daemon over the fake engine on sockets of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../../src/core/clock.ts";
import type { SocketAddress } from "../../../../src/core/platform.ts";
import {
  createDaemon,
  type Daemon,
  type DaemonLog,
  type DaemonOptions,
} from "../../../../src/daemon/mod.ts";
import { FakeEngine } from "./fake_engine.ts";
import { listeners } from "./listeners.ts";
import { WireClient } from "./wire_client.ts";

export interface Harness {
  readonly daemon: Daemon;
  readonly engine: FakeEngine;
  readonly address: SocketAddress;
  /** Everything that was logged, as text. */
  readonly logged: string[];
  client(): WireClient;
  /** Closes all clients and the daemon. */
  stop(): Promise<void>;
}

export async function startDaemon(
  options: Partial<DaemonOptions> & { kind?: "unix" | "tcp"; clock?: Clock } = {},
): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), "vd-"));
  const listen = (await listeners())[0]![1];
  const engine = new FakeEngine();
  const logged: string[] = [];
  const note = (message: string, properties?: Record<string, unknown>) =>
    void logged.push(`${message} ${JSON.stringify(properties ?? {})}`);
  const log: DaemonLog = { debug: note, info: note, warn: note, error: note };
  const { kind = "unix", clock, ...rest } = options;
  const wanted: SocketAddress = kind === "unix"
    ? { kind, path: join(folder, "d.sock") }
    : { kind, host: "127.0.0.1", port: 0 };
  const daemon = createDaemon({ listen: [wanted], ...rest }, {
    engine,
    listen,
    log,
    ...clock && { clock },
  });
  await daemon.start();
  const address = daemon.addresses[0]!;
  const clients: WireClient[] = [];
  return {
    daemon,
    engine,
    address,
    logged,
    client() {
      const client = new WireClient(address);
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.close();
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for something that happens by itself. */
export async function until(
  condition: () => boolean,
  what: string = String(condition),
): Promise<void> {
  const limit = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
