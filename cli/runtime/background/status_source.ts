/** Asks the admin listener of a runtime how it is doing. */
import { get } from "node:http";
import { json } from "node:stream/consumers";
import { parseAddress } from "../../../src/transport/address.ts";
import type { CommandArgs, CommandIo } from "../../command.ts";
import type { RuntimeStatus } from "../admin.ts";
import { readReport } from "../report.ts";
import type { RuntimeState } from "./state.ts";

const LIMIT_MS = 2_000;

/** The address of its admin listener: the given one, else the one that a background runtime reported. */
export function adminOf(
  args: CommandArgs,
  io: CommandIo,
  address: string,
  state: RuntimeState | undefined,
): string | undefined {
  const known = state && readReport(address, state.pid, io.env)?.admin;
  return args.string("admin") ?? known;
}

/** @throws if nothing answers there, or something else does. */
export function askStatus(admin: string, io: CommandIo): Promise<RuntimeStatus> {
  const address = parseAddress(admin, true);
  const where = address.kind === "unix"
    ? { socketPath: address.path }
    : address.kind === "tcp"
    ? { host: address.host, port: address.port }
    : undefined;
  const token = io.env("VASTAR_TOKEN");
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const request = get({ ...where, path: "/status", headers, timeout: LIMIT_MS }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        const hint = response.statusCode === 401 ? ": set VASTAR_TOKEN" : "";
        return reject(new Error(`${admin} answers ${response.statusCode}${hint}`));
      }
      const foreign = () => reject(new Error(`${admin} is not the admin listener of a runtime`));
      json(response).then((value) => isStatus(value) ? resolve(value) : foreign(), foreign);
    });
    request.once("timeout", () => request.destroy(new Error(`${admin} does not answer`)));
    request.once("error", reject);
  });
}

function isStatus(value: unknown): value is RuntimeStatus {
  return typeof value === "object" && value !== null && "admission" in value && "daemon" in value;
}
