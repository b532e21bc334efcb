/** A server of Redis of one test, which ends with it: what is tried on it could end a server of others. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Redis } from "ioredis";
import { freePort } from "../nats.ts";

export const redisBinaryMissing: string | undefined =
  spawnSync("redis-server", ["--version"]).error === undefined
    ? undefined
    : "there is no redis-server on PATH";

export class RedisServer {
  readonly url: string;
  /** With all rights. */
  readonly owner: Redis;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #kill = (): void => void this.#child.kill("SIGKILL");

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.url = `redis://127.0.0.1:${port}/0`;
    this.#child = child;
    this.#folder = folder;
    this.owner = new Redis(port, { maxRetriesPerRequest: null });
    // Until it listens.
    this.owner.on("error", () => {});
    process.once("exit", this.#kill);
  }

  static async start(): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "redis-"));
    const child = spawn("redis-server", [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
      ...["--save", "", "--enable-debug-command", "yes"],
    ], { stdio: "ignore" });
    const server = new RedisServer(port, child, folder);
    await server.owner.ping();
    return server;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async stop(): Promise<void> {
    this.owner.disconnect();
    process.off("exit", this.#kill);
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.running) {
      this.#child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
