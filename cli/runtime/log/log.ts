/** Structured logs of `vastar runtime` on stderr: one line per record, without secrets. */
import { configureSync, getLogger, type LogRecord } from "@logtape/logtape";
import type { LogLevel } from "../../../src/config/mod.ts";
import type { DaemonLog } from "../../../src/daemon/mod.ts";
import type { Redactor } from "../../../src/daemon/redact.ts";

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: "text" | "json";
}

/** Nothing is loaded or opened later: records must be written even if the process cannot open more files. */
export function openLog(
  settings: LogSettings,
  redactor: Redactor,
  write: (line: string) => void,
): DaemonLog {
  const line = settings.format === "json" ? jsonLine : textLine;
  configureSync({
    reset: true,
    sinks: { stderr: (record) => write(line(record, redactor)) },
    loggers: [
      { category: "vastar", sinks: ["stderr"], lowestLevel: settings.level },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
  return getLogger(["vastar", "runtime"]);
}

function jsonLine(record: LogRecord, redactor: Redactor): string {
  const own = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    logger: record.category.join("."),
    message: redactor.text(messageOf(record)),
  };
  // Set first and again last: a property of the same name must not replace it.
  return JSON.stringify({ ...own, ...redactor.value(record.properties) as object, ...own }) + "\n";
}

function textLine(record: LogRecord, redactor: Redactor): string {
  const time = new Date(record.timestamp).toISOString();
  return `${time} ${record.level.padEnd(7)} ${redactor.text(messageOf(record))}\n`;
}

function messageOf(record: LogRecord): string {
  return record.message.map((part) => typeof part === "string" ? part : plain(part)).join("");
}

function plain(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
