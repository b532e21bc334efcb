/** The work behind `vastar runtime`, loaded only when it runs. */
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "./command.ts";

export function runRuntime(args: CommandArgs, _io: CommandIo): Promise<ExitCode> {
  if (args.list("listen").length === 0) {
    return Promise.reject(new UsageError("--listen is missing."));
  }
  return Promise.resolve(0);
}
