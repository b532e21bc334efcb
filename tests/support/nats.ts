/** A server of NATS for tests: the one that listens, else one from PATH, which ends with the process. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const USUAL_PORT = 4222;

/** Why tests with NATS are skipped; undefined if there is a server. */
export const natsMissing: string | undefined = await listens(USUAL_PORT) || binary()
  ? undefined
  : "nothing listens on 127.0.0.1:4222, and there is no nats-server on PATH";

let shared: Promise<string> | undefined;

/** Those that run, so that none outlives a test that fails. */
const running = new Set<NatsServer>();
process.once("exit", () => {
  for (const server of running) server.kill();
});

/** `host:port` of a server that is there for all tests of this process. Use names of your own. */
export function sharedNats(): Promise<string> {
  return shared ??= (async () => {
    if (await listens(USUAL_PORT)) return `127.0.0.1:${USUAL_PORT}`;
    return (await NatsServer.start()).at;
  })();
}

/** Why tests that start servers of their own are skipped. */
export const natsBinaryMissing: string | undefined = binary()
  ? undefined
  : "there is no nats-server on PATH";

/** A server of one test, which may be stopped and started again. */
export class NatsServer {
  readonly port: number;
  readonly #folder: string;
  readonly #more: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, more: readonly string[]) {
    this.port = port;
    this.#more = more;
    this.#folder = mkdtempSync(join(tmpdir(), "nats-"));
  }

  static async start(more: readonly string[] = []): Promise<NatsServer> {
    const server = new NatsServer(await freePort(), more);
    running.add(server);
    await server.up();
    return server;
  }

  get at(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async up(): Promise<void> {
    const log = join(this.#folder, "log");
    this.#child = spawn("nats-server", [
      ...["-a", "127.0.0.1", "-p", String(this.port)],
      ...["-js", "-sd", this.#folder, "-l", log],
      ...this.#more,
    ], { stdio: "ignore" });
    const ended = new Promise<never>((_, reject) => {
      this.#child?.once("error", reject);
      this.#child?.once("exit", (code) => reject(new Error(`nats-server ended with ${code}`)));
    });
    ended.catch(() => {});
    while (!await Promise.race([listens(this.port), ended])) await nextTry();
    // It accepts connections a moment before it serves them.
    while (!readFileSync(log, "utf8").includes("Server is ready")) await nextTry();
  }

  /** As the machine would. */
  async down(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    running.delete(this);
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function binary(): boolean {
  return spawnSync("nats-server", ["--version"]).error === undefined;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function nextTry(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
