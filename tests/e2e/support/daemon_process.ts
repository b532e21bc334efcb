/** `vastar runtime` as a process of its own, on any runtime. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { SocketAddress } from "../../../src/core/platform.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { runtime, type RuntimeName } from "../../support/runtimes.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface DaemonProcess {
  readonly child: ChildProcess;
  /** In the order of the ready line. */
  readonly addresses: readonly SocketAddress[];
  /** Base URL of the admin listener. */
  readonly admin: string | undefined;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code, or the signal's name. */
  readonly exit: Promise<number | string>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, if it still runs. */
  kill(): Promise<void>;
}

export interface SpawnOptions {
  /** Open files that the process may have. Default: what this one may have. */
  readonly descriptors?: number;
}

export function spawnDaemon(
  name: RuntimeName,
  args: readonly string[],
  env: Record<string, string> = {},
  options: SpawnOptions = {},
): Omit<DaemonProcess, "addresses" | "admin"> {
  const { path, script } = runtime(name);
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !key.startsWith("VASTAR_")),
  );
  const command = [path, ...script("cli/main.ts", "runtime", ...args)];
  const limit = options.descriptors;
  const [file = "", ...rest] = limit === undefined
    ? command
    : ["/bin/sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh", ...command];
  const child = spawn(file, rest, {
    cwd: ROOT,
    env: { ...clean, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => out += String(chunk));
  child.stderr.on("data", (chunk) => err += String(chunk));
  let over = false;
  const exit = once(child, "close").then(([code, signal]) => {
    over = true;
    return (code ?? signal) as number | string;
  });
  // Not child.kill(): with it, Deno reports the signal even when the process ended by itself with a code.
  const send = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined && !over) process.kill(child.pid, signal);
  };
  return {
    child,
    stdout: () => out,
    stderr: () => err,
    exit,
    signal: send,
    async kill() {
      send("SIGKILL");
      await exit;
    },
  };
}

/** Waits for the ready line. */
export async function startDaemonProcess(
  name: RuntimeName,
  args: readonly string[],
  env: Record<string, string> = {},
  options: SpawnOptions = {},
): Promise<DaemonProcess> {
  const daemon = spawnDaemon(name, args, env, options);
  const over = daemon.exit.then((code) => {
    throw new Error(`the daemon ended (${code}): ${daemon.stderr()}`);
  });
  const ready = async () => {
    while (!daemon.stdout().includes("\n")) await once(daemon.child.stdout!, "data");
    return daemon.stdout();
  };
  const line = await Promise.race([ready(), over]);
  over.catch(() => {});
  const match = /^vastar runtime ready(?: on (.+?))?(?: admin (\S+))?\n$/.exec(line);
  if (match === null) throw new Error(`not the ready line: ${line}`);
  return {
    ...daemon,
    addresses: (match[1]?.split(" ") ?? []).map((text) => parseAddress(text) as SocketAddress),
    admin: match[2],
  };
}
