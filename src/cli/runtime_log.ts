/** Structured logs of `vastar runtime` on stderr: one line a record, secrets taken out. */
import type { Logger, LogRecord } from "@logtape/logtape";
import type { LogLevel } from "../config/mod.ts";
import type { DaemonLog } from "../daemon/mod.ts";
import type { Redactor } from "../daemon/redact.ts";

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: "text" | "json";
}

export interface RuntimeLog extends DaemonLog {
  /** Resolves when everything logged so far is written. */
  flush(): Promise<void>;
}

/** The logging library is loaded with the first record: a runtime that has nothing to say does without its memory. */
export function openLog(
  settings: LogSettings,
  redactor: Redactor,
  write: (line: string) => void,
): RuntimeLog {
  let queue: Promise<Logger> | undefined;
  const say = (level: "debug" | "info" | "warn" | "error") =>
  (
    message: string,
    properties?: Record<string, unknown>,
  ): void => {
    if (level === "debug" && settings.level !== "debug") return;
    queue = (queue ?? configured(settings, redactor, write)).then((logger) => {
      logger[level](message, properties ?? {});
      return logger;
    });
  };
  return {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    async flush() {
      await queue;
    },
  };
}

async function configured(
  settings: LogSettings,
  redactor: Redactor,
  write: (line: string) => void,
): Promise<Logger> {
  const { configureSync, getLogger } = await import("@logtape/logtape");
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
  return JSON.stringify({
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    logger: record.category.join("."),
    message: redactor.text(messageOf(record)),
    ...(redactor.value(record.properties) as object),
  }) + "\n";
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
