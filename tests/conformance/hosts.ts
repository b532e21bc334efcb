/** The hosts that can execute a call, each reached through its address. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RuntimeClient, type RuntimeClientOptions } from "../../mod.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";
import { natsMissing, sharedNats } from "../support/nats.ts";
import { type Runtime, runtime } from "../support/runtimes.ts";

export type HostName = "embedded" | "unix" | "tcp" | "nats";
export const HOSTS: readonly HostName[] = ["embedded", "unix", "tcp", "nats"];

/** Why nothing can be tried with a host here. */
export function missing(name: HostName): string | undefined {
  return name === "nats" ? natsMissing : undefined;
}

export interface Host {
  readonly name: HostName;
  readonly address: string;
  /** The daemon; undefined for the embedded engine. */
  readonly daemon: DaemonProcess | undefined;
  /** Closed with the host. */
  client(options?: RuntimeClientOptions): RuntimeClient;
  stop(): Promise<void>;
}

/** `allow` opens destinations that the egress policy refuses. */
export async function startHost(
  name: HostName,
  allow: readonly string[],
  engine: EngineOptions = {},
): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), "vc-"));
  const wanted = name === "unix"
    ? `unix:${join(folder, "d.sock")}`
    : name === "nats"
    ? `nats://${await sharedNats()}/test-${crypto.randomUUID()}`
    : "tcp://127.0.0.1:0";
  const daemon = name === "embedded"
    ? undefined
    : await DaemonProcess.start(wanted, { ...engine, egress: { allow } });
  const address = daemon?.address ?? "embedded:";
  const clients: RuntimeClient[] = [];
  return {
    name,
    address,
    daemon,
    client(options = {}) {
      const client = new RuntimeClient({
        address,
        egress: { allow },
        ...(daemon === undefined && { engine }),
        ...options,
      });
      clients.push(client);
      return client;
    },
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      daemon?.kill();
      await daemon?.exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export class DaemonProcess {
  readonly address: string;
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
    this.exited = new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      child.once("exit", () => resolve());
    });
  }

  /** Resolves when it listens; rejects with its output if it ends before. */
  static async start(
    address: string,
    engine: EngineOptions,
    ...more: readonly string[]
  ): Promise<DaemonProcess> {
    const host = thisRuntime();
    const main = fileURLToPath(new URL("./daemon_main.ts", import.meta.url));
    const child = spawn(host.path, host.script(main, address, JSON.stringify(engine), ...more), {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    child.stderr.on("data", (bytes: Uint8Array) => printed += new TextDecoder().decode(bytes));
    const listening = await new Promise<string>((resolve, reject) => {
      let line = "";
      child.stdout.on("data", (bytes: Uint8Array) => {
        line += new TextDecoder().decode(bytes);
        if (line.includes("\n")) resolve(line.trim());
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the daemon ended with ${code}: ${printed}`)));
    });
    return new DaemonProcess(child, listening);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** After it has exited: the code, or the signal that ended it. */
  get exitCode(): number | string {
    return this.#child.exitCode ?? this.#child.signalCode ?? "running";
  }

  /** Without notice, like `kill -9`. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Client and daemon run on the same runtime, the one that runs the tests. */
export function thisRuntime(): Runtime {
  if (process.versions["bun"] !== undefined) return runtime("bun");
  return runtime(process.versions["deno"] !== undefined ? "deno" : "node");
}
