/** Callers count repetitions, policies count attempts. */
import { invalidRequest } from "./errors.ts";

/** @throws ConnectorError with the code, unless `retries` is a whole number from 0 on. */
export function attemptsOf(code: string, retries: number): number {
  if (Number.isSafeInteger(retries) && retries >= 0) return retries + 1;
  throw invalidRequest(code, `retries is ${String(retries)}: give a whole number from 0 on`);
}
