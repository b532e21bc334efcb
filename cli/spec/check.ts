/** Implements `vastar spec check`. */
import { type DiagnosticFormat, formatDiagnostics } from "../../codegen/read/report/format.ts";
import { type Host, limitsOf } from "../../codegen/hosts.ts";
import type { CommandArgs, CommandIo, ExitCode } from "../command.ts";
import { findSpecs, loadSpec } from "./files.ts";

export function checkSpecs(args: CommandArgs, io: CommandIo): ExitCode {
  const format = (args.string("format") ?? "text") as DiagnosticFormat;
  const paths = findSpecs(args.positionals, io.cwd);
  const specs = paths.map((path) => loadSpec(path, io.cwd));
  const diagnostics = specs.flatMap((spec) => spec.diagnostics);
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  io.stdout(formatDiagnostics(diagnostics, format));
  if (format === "text" && errors === 0) {
    io.stdout(`${paths.length === 1 ? paths[0] : `${paths.length} specs`}: no errors\n`);
  }
  const host = args.string("host") as Host | undefined;
  if (format === "text" && host !== undefined) {
    for (const [at, { model }] of specs.entries()) {
      for (const line of model === undefined ? [] : limitsOf(model, host)) {
        io.stdout(`${paths[at]}: ${host}: ${line}\n`);
      }
    }
  }
  const failed = errors > 0 || (args.flag("deny-warnings") && diagnostics.length > 0);
  return failed ? 1 : 0;
}
