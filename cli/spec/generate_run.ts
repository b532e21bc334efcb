/** Implements `vastar generate`; loaded with the code generator. */
import { type DiagnosticFormat, formatDiagnostics } from "../../codegen/read/report/format.ts";
import { describe, generate, type GenerateResult, watchSpecs } from "../../codegen/generate/mod.ts";
import type { LockOptions } from "./database/lock_run.ts";
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
  const url = args.string("database");
  if (!args.flag("watch")) {
    const steps = startSteps(io);
    const onStep = (what: string): void => steps.say(what);
    const fresh = url === undefined || await lock({ ...options, url, onStep }, io, format);
    const result = fresh ? generate({ ...options, onStep }) : undefined;
    steps.clear();
    if (result !== undefined) say(result);
    return result?.ok === true ? 0 : 1;
  }
  if (url !== undefined) throw new UsageError("--database and --watch exclude each other");
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

/** Whether the lock file is what the database says. */
async function lock(options: LockOptions, io: CommandIo, format: string): Promise<boolean> {
  const { lockDatabases } = await import("./database/lock_run.ts");
  const { diagnostics, changes, refused } = await lockDatabases(options);
  if (diagnostics.length > 0) {
    const isText = format === "text";
    (isText ? io.stderr : io.stdout)(formatDiagnostics(diagnostics, format as DiagnosticFormat));
    return false;
  }
  for (const { path, at, operation, message } of refused) {
    io.stderr(`${path}:${at.line}:${at.column}: ${operation}: ${message}\n`);
  }
  if (refused.length > 0) {
    io.stderr("Nothing was written: the database does not take a statement.\n");
  }
  const say = options.check ? io.stderr : io.stdout;
  for (const { path, lines } of format === "text" || options.check ? changes : []) {
    say(
      `~ ${path}${
        options.check ? " is not what the database says: run generate --database." : ""
      }\n`,
    );
    for (const line of lines) say(`    ${line}\n`);
  }
  return refused.length === 0 && !(options.check && changes.length > 0);
}

function stopped(io: CommandIo): Promise<void> {
  return new Promise((resolve) => {
    io.onSignal("SIGINT", resolve);
    io.onSignal("SIGTERM", resolve);
  });
}
