/** What an attempt's outcome says about the health of the host. */
import { type ConnectorError, ErrorClass } from "../../core/errors.ts";
import { statusClass } from "../../http/status.ts";
import type { Verdict } from "./breaker.ts";

/** They mean that the request was wrong, not that the host is in trouble. */
const MISDIRECTED: readonly number[] = [421, 425];
/** The host answered, but the answer was no use to this caller. */
const ANSWERED = /^(?:response|redirect|database)\./;
/** These say that a database is in trouble; with all others it answered. */
const DATABASE_FAILED: ReadonlySet<string> = new Set([
  "database.connection_lost",
  "database.unavailable",
]);
/** A caller with a shorter deadline says nothing about the host. */
const SLOW_MS = 1_000;

export function verdictOfStatus(status: number): Verdict {
  const errorClass = statusClass(status);
  if (errorClass === ErrorClass.Success) return "ok";
  const failed = errorClass === ErrorClass.Timeout ||
    (errorClass === ErrorClass.Transient && !MISDIRECTED.includes(status));
  return failed ? "failure" : "answered";
}

/** `attemptMs`: how long the attempt took. */
export function verdictOfError(error: ConnectorError, attemptMs: number): Verdict {
  if (error.code === "deadline.exceeded") return attemptMs >= SLOW_MS ? "failure" : "none";
  if (error.origin !== "upstream") return "none";
  const answered = ANSWERED.test(error.code) && !DATABASE_FAILED.has(error.code);
  return answered ? "answered" : "failure";
}
