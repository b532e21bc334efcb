/** What a runtime in the background reports to the commands that manage it, where neither socket nor log would say it. */
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
  /** How often the configuration was read again, taken or not. */
  readonly reloads: number;
  /** What the last of them came to. */
  readonly reload?: Reload;
}

export interface Reload {
  /** Why the old configuration stays; undefined when the new one was taken. */
  readonly refused?: string;
  /** Settings that were read and change with a restart only. */
  readonly needsRestart: readonly string[];
}

export function reportPath(address: string, env: CommandIo["env"]): string {
  return `${statePath(address, env)}.report.json`;
}

/** That of the process with this number; what an earlier one left behind does not count. */
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

/** Where nobody asked for reports, they go nowhere. @throws what the file system says. */
export function writeReport(report: Omit<RuntimeReport, "pid">, env: CommandIo["env"]): void {
  const path = env(REPORT_VARIABLE);
  if (path === undefined || path === "") return;
  writeFileSync(path, JSON.stringify({ pid: process.pid, ...report }), { mode: 0o600 });
}
