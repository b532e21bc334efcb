/** Finds the command, reads its arguments, runs it and turns whatever happens into an exit code. */
import { ConnectorError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";
import { commandHelp, overview } from "./help.ts";
import { parseArgs } from "./parse.ts";

/** Loads a command when it is asked for, so that `vastar call` does not pay for the code generator. */
export type CommandTable = Readonly<Record<string, () => Promise<Command>>>;

export async function runCli(
  commands: CommandTable,
  argv: readonly string[],
  io: CommandIo,
): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    const all = await Promise.all(Object.values(commands).map((load) => load()));
    (name === undefined ? io.stderr : io.stdout)(overview(all));
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    io.stderr(`vastar: unknown command "${name}".${didYouMean(name, Object.keys(commands))}\n`);
    io.stderr(`Known commands: ${Object.keys(commands).join(", ")}.\n`);
    return 2;
  }
  const command = await load();
  try {
    const args = parseArgs(command, rest, io.env);
    if (args.flag("help")) {
      io.stdout(commandHelp(command));
      return 0;
    }
    return await command.run(args, io);
  } catch (error) {
    return report(command, error, io);
  }
}

function report(command: Command, error: unknown, io: CommandIo): ExitCode {
  if (error instanceof UsageError) {
    io.stderr(`vastar ${command.name}: ${error.message}\n`);
    io.stderr(`vastar ${command.name} --help shows what is accepted.\n`);
    return 2;
  }
  if (error instanceof ConnectorError) {
    io.stderr(`vastar ${command.name}: ${error.message} (${error.code})\n`);
    return 1;
  }
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  io.stderr(`vastar ${command.name}: unexpected failure\n${text}\n`);
  return 1;
}
