/** A server of NATS, a pool of four members and one of one, and a daemon on a socket, all on this machine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { RuntimeClient } from "../../src/client/mod.ts";
import { NatsServer } from "../../tests/support/nats.ts";
import { cpuMs, start, type Started } from "../lib/processes.ts";

export const SIDES = ["unix", "one", "four"] as const;
export type Side = (typeof SIDES)[number];

/** Processor time used so far, in ms. */
export interface Used {
  readonly caller: number;
  readonly members: number;
  readonly server: number;
}

export interface PoolStage {
  readonly upstream: string;
  readonly clients: Readonly<Record<Side, RuntimeClient>>;
  /** Where the pool of one member is. */
  readonly pool: string;
  used(side: Side): Promise<Used>;
}

export async function withPools<T>(use: (stage: PoolStage) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = await NatsServer.start();
  stack.defer(() => server.stop());
  const upstream = await start(["bench/upstream_main.ts"], /upstream ready/);
  stack.defer(() => upstream.stop());
  const port = Number(upstream.line.split(" ").at(-1));

  const daemon = async (...where: readonly string[]): Promise<Started> => {
    const one = await start(
      ["cli/main.ts", "runtime", ...where, "--allow", `127.0.0.1:${port}`],
      /ready/i,
    );
    stack.defer(() => one.stop());
    return one;
  };
  const unix = `unix:${join(folder, "runtime.sock")}`;
  const [one, four] = [`nats://${server.at}/one`, `nats://${server.at}/four`];
  const members: Readonly<Record<Side, readonly Started[]>> = {
    unix: [await daemon("--listen", unix)],
    one: [await daemon("--join", one)],
    four: await Promise.all(Array.from({ length: 4 }, () => daemon("--join", four))),
  };
  const clients = {
    unix: await RuntimeClient.connect(unix),
    one: await RuntimeClient.connect(one),
    four: await RuntimeClient.connect(four),
  };
  for (const client of Object.values(clients)) stack.defer(() => client.close());
  return await use({
    upstream: `http://127.0.0.1:${port}`,
    clients,
    pool: one,
    async used(side) {
      const { user, system } = process.cpuUsage();
      const each = await Promise.all(members[side].map((member) => member.cpuMs()));
      return {
        caller: (user + system) / 1000,
        members: each.reduce((sum, ms) => sum + ms, 0),
        server: await cpuMs(server.pid),
      };
    },
  });
}
