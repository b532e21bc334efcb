/** Implements `vastar runtime restart`. */
import process from "node:process";
import { canTakeOver } from "../../../src/platform/listen.ts";
import { formatAddress } from "../../../src/transport/address.ts";
import {
  type Command,
  type CommandArgs,
  type CommandIo,
  type ExitCode,
  UsageError,
} from "../../command.ts";
import { parseArgs } from "../../parse.ts";
import { flagsOf, optionsOf } from "./options.ts";
import { readSettings } from "../settings.ts";
import { startRuntime } from "./start.ts";
import { addressOf, isRunning, readState, type RuntimeState } from "./state.ts";
import { endRuntime, gone, STOP_WAIT_S } from "./stop.ts";

/** `start` is the command whose options are assembled again. */
export async function restartRuntime(
  args: CommandArgs,
  io: CommandIo,
  start: Command,
): Promise<ExitCode> {
  const waitMs = (args.number("wait") ?? STOP_WAIT_S) * 1000;
  if (!(waitMs >= 0)) throw new UsageError("--wait must be a number of seconds, 0 or more.");
  const address = await whichRuntime(args, io);
  const known = readState(address, io.env);
  const state = known !== undefined && isRunning(known) ? known : undefined;
  const { listen: _, ...given } = optionsOf(args, io, []);
  const named = args.positionals.length > 0 ? { listen: [address] } : {};
  const listen = args.has("listen") ? { listen: args.list("listen") } : {};
  const log = args.string("log") ?? state?.log;
  const next = parseArgs(start, [
    ...flagsOf({ ...named, ...state?.options, ...given, ...listen }),
    ...(log === undefined ? [] : ["--log", log]),
  ], io.env);
  // A mistake in the new options must not end the running runtime.
  const { daemon } = await readSettings(next, io);
  if (state !== undefined && daemon.listen.every(canTakeOver)) {
    const code = await startRuntime(next, io, state);
    return code === 0
      ? await dismiss(address, state, { waitMs, force: args.flag("force") }, io)
      : code;
  }
  if (state !== undefined) {
    const code = await endRuntime(address, { waitMs, force: args.flag("force") }, io);
    if (code !== 0) return code;
  }
  return await startRuntime(next, io);
}

/** Another one has taken over: it lets its clients finish. */
async function dismiss(
  address: string,
  state: RuntimeState,
  { waitMs, force }: { readonly waitMs: number; readonly force: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  process.kill(state.pid, "SIGUSR2");
  if (!await gone(state, waitMs)) {
    if (!force) {
      io.stdout(
        `The previous one (pid ${state.pid}) still serves clients, and will end by itself.\n`,
      );
      return 0;
    }
    process.kill(state.pid, "SIGKILL");
  }
  io.stdout(`The previous runtime on ${address} has ended (pid ${state.pid}).\n`);
  return 0;
}

/** The one at the first listen address, else where clients look. */
async function whichRuntime(args: CommandArgs, io: CommandIo): Promise<string> {
  if (!args.has("listen")) return addressOf(args, io);
  const [first] = (await readSettings(args, io)).daemon.listen;
  return first === undefined ? addressOf(args, io) : formatAddress(first);
}
