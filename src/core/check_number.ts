/** Checks of numbers given as options. */
import { invalidRequest } from "./errors.ts";

/** @throws ConnectorError with the code, unless the value is finite and above 0. */
export function aboveZero(code: string, name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw invalidRequest(code, `${name} is ${String(value)}: give a number above 0`);
}

/** @throws ConnectorError with the code, unless the value is a whole number above 0. */
export function wholeAboveZero(code: string, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw invalidRequest(code, `${name} is ${String(value)}: give a whole number above 0`);
}

/**
 * Callers count retries, policies count attempts.
 * @throws ConnectorError with the code, unless `retries` is a whole number, 0 or more.
 */
export function attemptsOf(code: string, retries: number): number {
  if (Number.isSafeInteger(retries) && retries >= 0) return retries + 1;
  throw invalidRequest(code, `retries is ${String(retries)}: give a whole number, 0 or more`);
}
