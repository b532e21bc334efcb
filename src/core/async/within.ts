/** Waiting for work that others wait for too. */
import type { Clock } from "../clock.ts";
import { ConnectorError, ErrorClass, type Sent } from "../errors.ts";

export interface WaitLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The error when time is up. */
  readonly late: () => unknown;
}

/**
 * The result of the work, unless this waiter's own limits end the wait first: the work continues for the others. An abort rejects
 * with `call.cancelled`.
 */
export function within<T>(work: PromiseLike<T>, limits: WaitLimits): Promise<T> {
  const { clock, timeoutMs, signal, late } = limits;
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      done();
      reject(cancelled(signal, "no"));
    };
    const timer = clock.setTimeout(() => {
      done();
      reject(late());
    }, timeoutMs);
    // Handled even if nobody waits any more: a failure must not end the process as an unhandled rejection.
    work.then((value) => {
      done();
      resolve(value);
    }, (error: unknown) => {
      done();
      reject(error);
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** A caller may abort with a ConnectorError of its own, which then becomes the failure. */
export function cancelled(signal: AbortSignal | undefined, sent: Sent): ConnectorError {
  if (signal?.reason instanceof ConnectorError) return signal.reason;
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "call.cancelled",
    message: "The caller cancelled the call",
    origin: "caller",
    sent,
    cause: signal?.reason,
  });
}
