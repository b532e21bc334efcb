/** Implements `vastar runtime clean`. */
import { existsSync, lstatSync, rmSync } from "node:fs";
import { parseAddress } from "../../../src/transport/address.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../../command.ts";
import { addressOf, readState, statePath } from "./state.ts";
import { endRuntime, STOP_WAIT_S } from "./stop.ts";

/** Stops the runtime, then removes what it leaves: its socket, its state and its log. */
export async function cleanRuntime(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const waitMs = (args.number("wait") ?? STOP_WAIT_S) * 1000;
  if (!(waitMs >= 0)) throw new UsageError("--wait must be a number of seconds, 0 or more.");
  const address = addressOf(args, io);
  const own = `${statePath(address, io.env)}.log`;
  const log = readState(address, io.env)?.log ?? own;
  const code = await endRuntime(address, { waitMs, force: args.flag("force") }, io);
  // One that still runs, or that somebody else started, keeps what is its own.
  if (code !== 0) return code;
  const socket = parseAddress(address);
  const left = new Set([log, own].flatMap((file) => [file, `${file}.1`]));
  if (socket.kind === "unix" && isSocket(socket.path)) left.add(socket.path);
  const removed = [...left].filter((file) => existsSync(file));
  for (const file of removed) rmSync(file);
  io.stdout(
    removed.length === 0
      ? "There was nothing to remove.\n"
      : removed.map((file) => `Removed ${file}\n`).join(""),
  );
  return 0;
}

/** Whatever else is at the path is not the runtime's. */
function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}
