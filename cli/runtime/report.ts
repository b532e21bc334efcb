/** What a background runtime reports to the commands that manage it, which neither socket nor log would tell them. */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import type { CommandIo } from "../command.ts";
import { statePath } from "./background/state.ts";

/** Set by `vastar runtime start` for the process that it starts. */
export const REPORT_VARIABLE = "VASTAR_RUNTIME_REPORT";

export interface RuntimeReport {
  readonly pid: number;
  /** It takes no new calls and finishes those that are open. */
  readonly draining: boolean;
  /** Where its admin listener is; absent without one. */
  readonly admin?: string | undefined;
  /** How many times the configuration was reloaded, successfully or not. */
  readonly reloads: number;
  /** Result of the last reload. */
  readonly reload?: Reload;
}

export interface Reload {
  /** Why the old configuration stays; undefined if the new one was accepted. */
  readonly refused?: string;
  /** Changed settings that only a restart applies. */
  readonly needsRestart: readonly string[];
}

export function reportPath(address: string, env: CommandIo["env"]): string {
  return `${statePath(address, env)}.report.json`;
}

/** The report of the process with this pid; one left behind by an earlier process does not count. */
export function readReport(
  address: string,
  pid: number,
  env: CommandIo["env"],
): RuntimeReport | undefined {
  try {
    const report = JSON.parse(readFileSync(reportPath(address, env), "utf8")) as RuntimeReport;
    return report.pid === pid ? report : undefined;
  } catch {
    // Nothing was reported yet, or it is being written.
    return undefined;
  }
}

/** Does nothing if nobody asked for reports. @throws file system errors. */
export function writeReport(report: Omit<RuntimeReport, "pid">, env: CommandIo["env"]): void {
  const path = env(REPORT_VARIABLE);
  if (path === undefined || path === "") return;
  writeFileSync(path, JSON.stringify({ pid: process.pid, ...report }), { mode: 0o600 });
}
