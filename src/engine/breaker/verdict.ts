/** What the end of an attempt says about the health of the host. */
import { type ConnectorError, ErrorClass } from "../../core/errors.ts";
import { statusClass } from "../../http/status.ts";
import type { Verdict } from "./breaker.ts";

/** They come from a request that is wrong there, not from a host in trouble. */
const MISDIRECTED: readonly number[] = [421, 425];
/** The host answered; what it said was of no use to this caller. */
const ANSWERED = /^(?:response|redirect)\./;
/** A caller with a shorter deadline learns nothing about the host. */
const SLOW_MS = 1_000;

export function verdictOfStatus(status: number): Verdict {
  const errorClass = statusClass(status);
  if (errorClass === ErrorClass.Success) return "ok";
  const failed = errorClass === ErrorClass.Timeout ||
    (errorClass === ErrorClass.Transient && !MISDIRECTED.includes(status));
  return failed ? "failure" : "answered";
}

/** `attemptMs`: how long the attempt had lasted. */
export function verdictOfError(error: ConnectorError, attemptMs: number): Verdict {
  if (error.code === "deadline.exceeded") return attemptMs >= SLOW_MS ? "failure" : "none";
  if (error.origin !== "upstream") return "none";
  return ANSWERED.test(error.code) ? "answered" : "failure";
}
