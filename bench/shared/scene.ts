/** An API, a daemon with limits, and programs that share it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtime, RUNTIMES } from "../../tests/support/runtimes.ts";
import { start, type Started } from "../lib/processes.ts";

export interface Counts {
  readonly refused: number;
  readonly served: Readonly<Record<string, number>>;
}

export interface Scene {
  readonly address: string;
  /** `http://127.0.0.1:port` of the API. */
  readonly api: string;
  /** Starts a program that calls `path` for a tenant: a number at a time, or per second. */
  caller(path: string, tenantId: string, pace: Pace): Promise<Started>;
  /** Counts since the last request. */
  counts(): Promise<Counts>;
}

export interface Pace {
  readonly inFlight?: number;
  readonly perSecond?: number;
  /** Speaks the protocol of the existing daemon, so many calls at a time. */
  readonly base?: boolean;
}

/** `config`: the daemon's configuration, given the API's host. */
export async function withScene<T>(
  callsPerSecond: number,
  config: (host: string) => string,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = await start(["bench/shared/api_main.ts", String(callsPerSecond)], /api ready/);
  stack.defer(() => server.stop());
  const host = `127.0.0.1:${server.line.split(" ").at(-1)}`;
  const file = join(folder, "runtime.yaml");
  await writeFile(file, config(host));
  const address = `unix:${join(folder, "runtime.sock")}`;
  const flags = ["--listen", address, "--allow", host, "--config", file];
  const daemon = await start(["cli/main.ts", "runtime", ...flags], /ready/i);
  stack.defer(() => daemon.stop());
  // The runtimes in turns: one daemon enforces the limit for all of them.
  const runtimes = RUNTIMES.map(runtime).filter(({ missing }) => missing === undefined);
  let started = 0;
  return await use({
    address,
    api: `http://${host}`,
    async caller(path, tenantId, { inFlight = 1, perSecond = "", base = false }) {
      const { path: program, script } = runtimes[started++ % runtimes.length] ?? runtime("bun");
      const args = [
        address,
        `http://${host}${path}`,
        tenantId,
        String(inFlight),
        String(perSecond),
      ];
      const caller = await start(
        script(`bench/shared/${base ? "base_" : ""}caller_main.ts`, ...args),
        /caller ready/,
        { timeoutMs: 30_000, program },
      );
      stack.defer(() => caller.stop());
      return caller;
    },
    counts: async () => await (await fetch(`http://${host}/counts`)).json() as Counts,
  });
}
