/** What SQLite's result codes mean for a caller. */
import { ConnectorError, ErrorClass } from "../../../../core/errors.ts";
import { serverError } from "../../../../engine/database/sqlstate.ts";

const CANNOT_OPEN = "database.not_found";

/** By the primary result code (sqlite.org/rescode.html). */
const CODES: Readonly<Record<number, string>> = {
  1: "database.statement",
  5: "database.locked",
  6: "database.locked",
  8: "database.read_only",
  10: "database.unavailable",
  13: "database.unavailable",
  14: CANNOT_OPEN,
  18: "database.value",
  19: "database.constraint",
  20: "database.value",
  23: "database.denied",
  25: "database.statement",
};

export function sqliteError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { errno, errcode, message } = error as {
    errno?: unknown;
    errcode?: unknown;
    message?: unknown;
  };
  const result = typeof errcode === "number" ? errcode : errno;
  const text = typeof message === "string" ? message : "it failed";
  if (typeof result !== "number") {
    // Deno does not say more of a file that cannot be opened; all else is a runtime's own complaint about what is bound.
    return serverError(
      text.startsWith("unable to open") ? CANNOT_OPEN : "database.statement",
      text,
    );
  }
  const told = serverError(CODES[result & 0xff] ?? "database.failed", text);
  // One that is locked has done nothing.
  return told.errorClass === ErrorClass.Transient
    ? new ConnectorError({ ...factsOf(told), sent: "no" })
    : told;
}

function factsOf({ errorClass, code, message, origin }: ConnectorError) {
  return { errorClass, code, message, origin };
}
