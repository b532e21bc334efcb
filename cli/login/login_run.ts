/** The work behind `vastar login`, loaded only when it runs. */
import { resolve } from "node:path";
import { invalidRequest } from "../../src/core/errors.ts";
import { deviceLogin } from "../../src/worker/mod.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";
import { BUNDLED, findConnectors } from "../find_connectors.ts";
import { openLogins } from "../serve/worker_logins.ts";
import { readWorkerFile } from "../serve/worker_access.ts";

export async function login(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const [id = ""] = args.positionals;
  const file = args.string("config");
  if (file === undefined) {
    throw new UsageError("--config FILE, or VASTAR_WORKER_CONFIG, must name the worker's file.");
  }
  const folder = args.string("connectors");
  const connectors = await findConnectors(
    folder === undefined ? BUNDLED : resolve(io.cwd, folder),
  );
  const config = await readWorkerFile(resolve(io.cwd, file), io.env, connectors);
  const logins = await openLogins(config, io.env, io.cwd, (text) => io.stderr(`${text}\n`));
  const provider = logins?.providers[id];
  if (logins === undefined || provider === undefined) {
    const known = Object.keys(logins?.providers ?? {}).join(", ") || "none";
    throw invalidRequest(
      "login.unknown",
      `${file} has no oauth entry for ${JSON.stringify(id)}: there are ${known}.`,
    );
  }
  const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
  const token = await deviceLogin(provider, ({ url, code, completeUrl }) => {
    io.stdout(`Open ${completeUrl ?? url} in a browser and enter the code ${code}\n`);
  }, sleep);
  const tenant = args.string("tenant") ?? "";
  await logins.vault.set(tenant, id, token);
  io.stdout(`Logged in to ${id}${tenant === "" ? "" : ` for ${tenant}`}.\n`);
  return 0;
}
