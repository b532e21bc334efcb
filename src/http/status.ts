/** Maps an HTTP status to what a caller can do about it. Raw callers get statuses as responses; typed connectors throw. */
import { ErrorClass } from "../core/errors.ts";

const TIMEOUT: readonly number[] = [408, 504];
const INVALID: readonly number[] = [400, 405, 406, 411, 413, 414, 415, 416, 417, 422, 431];

/** 200–299 and 304 are Success; the table is in docs/runtime.md. */
export function statusClass(status: number): ErrorClass {
  if ((status >= 200 && status < 300) || status === 304) return ErrorClass.Success;
  if (status === 429) return ErrorClass.RateLimited;
  if (TIMEOUT.includes(status)) return ErrorClass.Timeout;
  if (INVALID.includes(status)) return ErrorClass.InvalidRequest;
  const again = status < 500 ? status === 421 || status === 425 : status !== 501 && status !== 505;
  return again ? ErrorClass.Transient : ErrorClass.Permanent;
}
