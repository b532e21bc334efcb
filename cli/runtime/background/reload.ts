/** Implements `vastar runtime reload`. */
import process from "node:process";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../../command.ts";
import { readReport } from "../report.ts";
import { addressOf, isRunning, readState } from "./state.ts";

const WAIT_S = 10;
const POLL_MS = 20;

/** Exit code 0 if the new configuration was accepted, 1 if the old one stays. */
export async function reloadRuntime(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const waitMs = (args.number("wait") ?? WAIT_S) * 1000;
  if (!(waitMs > 0)) throw new UsageError("--wait must be a number of seconds above 0.");
  const address = addressOf(args, io);
  const state = readState(address, io.env);
  if (state === undefined || !isRunning(state)) {
    io.stderr(
      `No runtime that \`vastar runtime start\` started is running on ${address}; ` +
        "any other reads its configuration again on SIGHUP.\n",
    );
    return 1;
  }
  const { pid } = state;
  const reported = readReport(address, pid, io.env);
  if (reported?.draining === true) {
    io.stderr(
      `The runtime on ${address} is draining: it takes no new calls and reads no configuration. ` +
        "Start another one with `vastar runtime start`.\n",
    );
    return 1;
  }
  const before = reported?.reloads ?? 0;
  process.kill(pid, "SIGHUP");
  const until = performance.now() + waitMs;
  for (;;) {
    const report = readReport(address, pid, io.env);
    if (report?.reload !== undefined && report.reloads > before) {
      return tell(address, report.reload, io);
    }
    if (!isRunning(state) || performance.now() > until) {
      io.stderr(
        `The runtime on ${address} (pid ${pid}) did not report the result: see its log ${state.log}\n`,
      );
      return 1;
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

function tell(
  address: string,
  { refused, needsRestart }: {
    readonly refused?: string;
    readonly needsRestart: readonly string[];
  },
  io: CommandIo,
): ExitCode {
  if (refused !== undefined) {
    io.stderr(`The runtime on ${address} keeps its old configuration: ${refused}\n`);
    return 1;
  }
  io.stdout(`The runtime on ${address} has read its configuration again.\n`);
  if (needsRestart.length > 0) {
    io.stdout(`These change with \`vastar runtime restart\` only: ${needsRestart.join(", ")}\n`);
  }
  return 0;
}
