/** Maps an HTTP status to what a caller can do about it. Raw callers get statuses as responses; typed connectors throw. */
import { ErrorClass } from "../core/errors.ts";

const TIMEOUT: readonly number[] = [408, 504];
const TRANSIENT: readonly number[] = [421, 425];
const INVALID: readonly number[] = [400, 405, 406, 411, 413, 414, 415, 416, 417, 422, 431];
const PERMANENT_5XX: readonly number[] = [501, 505];

/** 200–299 and 304 are Success; the table is in docs/runtime.md. */
export function statusClass(status: number): ErrorClass {
  if ((status >= 200 && status < 300) || status === 304) return ErrorClass.Success;
  if (status === 429) return ErrorClass.RateLimited;
  if (TIMEOUT.includes(status)) return ErrorClass.Timeout;
  if (TRANSIENT.includes(status)) return ErrorClass.Transient;
  if (INVALID.includes(status)) return ErrorClass.InvalidRequest;
  if (status >= 500 && !PERMANENT_5XX.includes(status)) return ErrorClass.Transient;
  return ErrorClass.Permanent;
}
