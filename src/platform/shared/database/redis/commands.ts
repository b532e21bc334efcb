/** Commands that a shared connection cannot take, and what the first word of an error means. */
import type { ConnectorError } from "../../../../core/errors.ts";
import { serverError } from "../../../../engine/database/sqlstate.ts";

/** They change what the connection is for whoever uses it next, or take it out of asking and answering. */
const HELD = new Set([
  ...["ASKING", "AUTH", "CLIENT", "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE"],
  ...["PSYNC", "PUNSUBSCRIBE", "QUIT", "READONLY", "READWRITE", "REPLCONF", "RESET", "SELECT"],
  ...["SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WATCH"],
]);

export function isHeld(command: string): boolean {
  return HELD.has(command.toUpperCase());
}

const WORDS: Readonly<Record<string, string>> = {
  NOAUTH: "database.denied",
  NOPERM: "database.denied",
  WRONGPASS: "database.denied",
  READONLY: "database.read_only",
  BUSY: "database.unavailable",
  CLUSTERDOWN: "database.unavailable",
  LOADING: "database.unavailable",
  MASTERDOWN: "database.unavailable",
  OOM: "database.unavailable",
  TRYAGAIN: "database.unavailable",
  WRONGTYPE: "database.value",
  ERR: "database.statement",
  NOSCRIPT: "database.statement",
};

/** Undefined if it is not the server that says so. */
export function redisError(error: unknown, connected: boolean): ConnectorError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!connected || error.name !== "ReplyError") return undefined;
  const [word = ""] = error.message.split(" ", 1);
  return serverError(WORDS[word] ?? "database.failed", error.message);
}
