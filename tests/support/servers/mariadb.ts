/** A MariaDB of one test, with TLS, which ends with it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { LOCALHOST } from "../certificates.ts";
import { freePort } from "../nats.ts";

const there = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args).error === undefined;

export const mariadbBinaryMissing: string | undefined =
  there("mariadbd", "--version") && there("mariadb-install-db", "--help")
    ? undefined
    : "there is no mariadbd or mariadb-install-db on PATH";

export class MariadbServer {
  readonly port: number;
  /** Of the authority that signed the server's certificate, which is for `localhost`. */
  readonly ca: string = LOCALHOST.cert;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #kill = (): void => void this.#child.kill("SIGKILL");

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
    process.once("exit", this.#kill);
  }

  /** A user `tester` with the password `p:ss@word`, who has to use TLS, and a database `test`. */
  static async start(): Promise<MariadbServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "mariadb-"));
    const data = join(folder, "data");
    const [cert, key, first] = ["cert", "key", "first.sql"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(cert, LOCALHOST.cert);
    writeFileSync(key, LOCALHOST.key);
    spawnSync("mariadb-install-db", [
      ...[
        "--no-defaults",
        `--datadir=${data}`,
        "--user=root",
        "--auth-root-authentication-method=normal",
      ],
    ]);
    writeFileSync(
      first,
      "create database if not exists test;\n" +
        "create user tester@'%' identified by 'p:ss@word' require ssl;\n" +
        "grant all on test.* to tester@'%';\n",
    );
    const child = spawn("mariadbd", [
      ...["--no-defaults", `--datadir=${data}`, "--user=root", "--bind-address=127.0.0.1"],
      ...[`--port=${port}`, `--socket=${join(folder, "s")}`, `--init-file=${first}`],
      ...[`--ssl-cert=${cert}`, `--ssl-key=${key}`, "--skip-name-resolve"],
      "--innodb-buffer-pool-size=8M",
    ], { stdio: ["ignore", "ignore", "pipe"] });
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stderr?.on("data", (bytes) => {
        said += String(bytes);
        if (/ready for connections/.test(said)) resolve();
      });
      child.once("exit", () => reject(new Error(`mariadbd ended: ${said.slice(-500)}`)));
    });
    return new MariadbServer(port, child, folder);
  }

  async stop(): Promise<void> {
    process.off("exit", this.#kill);
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
