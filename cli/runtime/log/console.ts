/** Turns everything that the process would print by itself into log records, in one format and without secrets. */
import process from "node:process";
import type { DaemonLog } from "../../../src/daemon/mod.ts";

const LEVELS = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error" } as const;

/** Takes over the console, warnings and uncaught errors; `end` is called after an uncaught error. Returns a function that undoes it. */
export function captureOutput(log: DaemonLog, end: () => void): () => void {
  const original = { ...console };
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method as keyof typeof LEVELS] = (...values: unknown[]) =>
      log[level]("{text}", { text: values.map(said).join(" ") });
  }
  const onWarning = (warning: Error) => log.warn("{text}", { text: said(warning) });
  const onUncaught = (error: unknown) => {
    log.error("unexpected failure: {text}", { text: said(error), stack: stackOf(error) });
    end();
  };
  // Node prints warnings with a listener of its own.
  const warned = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", onWarning);
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);
  return () => {
    Object.assign(console, original);
    process.off("warning", onWarning);
    for (const listener of warned) process.on("warning", listener);
    process.off("uncaughtException", onUncaught);
    process.off("unhandledRejection", onUncaught);
  };
}

function said(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === "object" && value !== null ? "[object]" : String(value);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
