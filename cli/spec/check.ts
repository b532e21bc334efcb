/** Implements `vastar spec check`. */
import { type DiagnosticFormat, formatDiagnostics } from "../../codegen/read/report/format.ts";
import type { CommandArgs, CommandIo, ExitCode } from "../command.ts";
import { findSpecs, loadSpec } from "./files.ts";

export function checkSpecs(args: CommandArgs, io: CommandIo): ExitCode {
  const format = (args.string("format") ?? "text") as DiagnosticFormat;
  const paths = findSpecs(args.positionals, io.cwd);
  const diagnostics = paths.flatMap((path) => loadSpec(path, io.cwd).diagnostics);
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  io.stdout(formatDiagnostics(diagnostics, format));
  if (format === "text" && errors === 0) {
    io.stdout(`${paths.length === 1 ? paths[0] : `${paths.length} specs`}: no errors\n`);
  }
  const failed = errors > 0 || (args.flag("deny-warnings") && diagnostics.length > 0);
  return failed ? 1 : 0;
}
