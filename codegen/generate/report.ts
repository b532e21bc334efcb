/** The report of a run, as text. */
import { relative } from "node:path";
import { formatDiagnostics } from "../read/report/format.ts";
import type { GenerateResult } from "./generate.ts";

const SIGNS = { added: "+", changed: "~", removed: "-", foreign: "!" } as const;

export function describe(
  result: GenerateResult,
  options: { readonly check: boolean; readonly cwd: string },
): string {
  const lines = [formatDiagnostics(result.diagnostics)].filter((text) => text !== "");
  const hasErrors = result.diagnostics.some((one) => one.severity === "error");
  const stuck = result.changes.some((change) => change.kind === "foreign");
  for (const { kind, path } of hasErrors ? [] : result.changes) {
    // Nothing else was done, so nothing else is reported.
    if (stuck && !options.check && kind !== "foreign") continue;
    const name = relative(options.cwd, path) || path;
    if (kind === "foreign") {
      lines.push(`! ${name} was not generated, so it is left alone: rename or remove it.\n`);
    } else if (options.check) lines.push(`${SIGNS[kind]} ${name} ${DRIFT[kind]}\n`);
    else lines.push(`${SIGNS[kind]} ${name}\n`);
  }
  lines.push(`${summary(result, options.check, hasErrors)}\n`);
  return lines.join("");
}

const DRIFT = {
  added: "is missing: run generate.",
  changed: "is not what its spec says: run generate.",
  removed: "belongs to no spec any more: run generate.",
} as const;

function summary(result: GenerateResult, check: boolean, hasErrors: boolean): string {
  const count = `${result.connectors.length} connector${result.connectors.length === 1 ? "" : "s"}`;
  if (hasErrors) return "Nothing was written: a spec has mistakes.";
  if (!result.ok) {
    return check ? "Generated files differ from their specs." : "Nothing was written.";
  }
  if (result.changes.length === 0) return `${count} up to date.`;
  return `${count} generated.`;
}
