/** Implements `vastar generate`; loaded with the code generator. */
import { formatDiagnostics } from "../../codegen/read/report/format.ts";
import { describe, generate, type GenerateResult, watchSpecs } from "../../codegen/generate/mod.ts";
import { startSteps } from "../progress.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";

export async function runGenerate(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const check = args.flag("check");
  const options = {
    paths: args.positionals.length === 0 ? ["connectors"] : args.positionals,
    cwd: io.cwd,
    check,
    runtime: args.string("runtime"),
  };
  const format = args.string("format") ?? "text";
  const say = (result: GenerateResult): void => {
    if (format === "json" || format === "sarif") {
      io.stdout(formatDiagnostics(result.diagnostics, format));
    } else (result.ok ? io.stdout : io.stderr)(describe(result, { check, cwd: io.cwd }));
  };
  if (!args.flag("watch")) {
    const steps = startSteps(io);
    const result = generate({ ...options, onStep: (what) => steps.say(what) });
    steps.clear();
    say(result);
    return result.ok ? 0 : 1;
  }
  if (check) throw new UsageError("--check and --watch exclude each other");
  const stop = watchSpecs({
    ...options,
    onResult: say,
    onError: (error) => io.stderr(`${error instanceof Error ? error.message : String(error)}\n`),
  });
  await stopped(io);
  stop();
  return 0;
}

function stopped(io: CommandIo): Promise<void> {
  return new Promise((resolve) => {
    io.onSignal("SIGINT", resolve);
    io.onSignal("SIGTERM", resolve);
  });
}
