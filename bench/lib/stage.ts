/** Upstream and daemon as processes of their own, and a client for each way to reach a runtime. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { RuntimeClient } from "../../src/client/mod.ts";
import { freePort, start, type Started } from "./processes.ts";

export const ADDRESSES = ["embedded", "unix", "tcp"] as const;
export type AddressName = (typeof ADDRESSES)[number];

export interface BenchStage {
  /** `http://127.0.0.1:port` of the upstream. */
  readonly upstream: string;
  readonly daemon: Started;
  /** Processor time that caller, daemon and upstream have used together, in ms. */
  cpuMs(): Promise<number>;
  readonly clients: Readonly<Record<AddressName, RuntimeClient>>;
}

export async function withStage<T>(use: (stage: BenchStage) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));

  const upstream = await start(["bench/upstream_main.ts"], /upstream ready/);
  stack.defer(() => upstream.stop());
  const port = Number(upstream.line.split(" ").at(-1));
  const allow = `127.0.0.1:${port}`;

  const unix = `unix:${join(folder, "runtime.sock")}`;
  const tcp = `tcp://127.0.0.1:${await freePort()}`;
  const flags = ["--listen", unix, "--listen", tcp, "--allow", allow];
  const daemon = await start(["cli/main.ts", "runtime", ...flags], /ready/i);
  stack.defer(() => daemon.stop());

  const clients = {
    embedded: await RuntimeClient.connect("embedded:", { engine: { egress: { allow: [allow] } } }),
    unix: await RuntimeClient.connect(unix),
    tcp: await RuntimeClient.connect(tcp),
  };
  for (const client of Object.values(clients)) stack.defer(() => client.close());
  const cpuMs = async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000 + await daemon.cpuMs() + await upstream.cpuMs();
  };
  return await use({ upstream: `http://127.0.0.1:${port}`, daemon, cpuMs, clients });
}
