/** Implements `vastar runtime stop`. */
import process from "node:process";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../../command.ts";
import { probe } from "./probe.ts";
import { addressOf, forgetState, isRunning, readState, type RuntimeState } from "./state.ts";

/** Longer than a drain takes by default. */
export const STOP_WAIT_S = 35;
const POLL_MS = 50;
/** After SIGKILL there is nothing left to wait for but the kernel. */
const KILLED_MS = 5_000;

export async function stopRuntime(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const waitMs = (args.number("wait") ?? STOP_WAIT_S) * 1000;
  if (!(waitMs >= 0)) throw new UsageError("--wait must be a number of seconds, 0 or more.");
  return await endRuntime(addressOf(args, io), { waitMs, force: args.flag("force") }, io);
}

/** Lets it finish its calls; 0 if there is nothing left to stop. */
export async function endRuntime(
  address: string,
  { waitMs, force }: { readonly waitMs: number; readonly force: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const state = readState(address, io.env);
  if (state === undefined || !isRunning(state)) {
    forgetState(address, io.env);
    if (await probe(address) === undefined) {
      io.stdout(`No runtime is running on ${address}.\n`);
      return 0;
    }
    io.stderr(
      `A runtime answers on ${address}, but \`vastar runtime start\` did not start it: end it where it was started.\n`,
    );
    return 1;
  }
  process.kill(state.pid, "SIGTERM");
  if (!await gone(state, waitMs)) {
    if (!force) {
      io.stderr(
        `The runtime (pid ${state.pid}) still finishes calls after ${
          waitMs / 1000
        } s; --force ends it.\n`,
      );
      return 1;
    }
    process.kill(state.pid, "SIGKILL");
    await gone(state, KILLED_MS);
  }
  forgetState(address, io.env);
  io.stdout(`The runtime on ${address} has ended (pid ${state.pid}).\n`);
  return 0;
}

/** Whether it ended in time. */
export async function gone(state: RuntimeState, waitMs: number): Promise<boolean> {
  const until = performance.now() + waitMs;
  while (isRunning(state)) {
    if (performance.now() > until) return false;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  return true;
}
