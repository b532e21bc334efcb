/** Time limits for work that takes a signal. None of them waits for work that ignores it. */
import { aboveZero } from "../core/check_number.ts";
import type { Clock } from "../core/clock.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { follow } from "./follow.ts";
import { startTimer } from "./timer.ts";
import type { WaitOptions } from "./wait_queue.ts";

/** Work that ends when its signal aborts. */
export type Task<T> = (signal: AbortSignal) => T | PromiseLike<T>;

export interface ScopeOptions extends WaitOptions {
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

export type Outcome<T> =
  | { readonly timedOut: false; readonly value: T }
  | { readonly timedOut: true; readonly value?: undefined };

/** The value of the work, or `timedOut` after `ms`, when the work's signal aborts. */
export function moveOnAfter<T>(
  ms: number,
  work: Task<T>,
  options: ScopeOptions = {},
): Promise<Outcome<Awaited<T>>> {
  return limited<T, Outcome<Awaited<T>>>(ms, work, options, {
    inTime: (value) => ({ timedOut: false, value }),
    late: () => ({ timedOut: true }),
  });
}

/** The value of the work, or a Timeout `deadline.exceeded` after `ms`, with which the work's signal aborts. */
export function failAfter<T>(
  ms: number,
  work: Task<T>,
  options: ScopeOptions = {},
): Promise<Awaited<T>> {
  return limited<T, Awaited<T>>(ms, work, options, {
    inTime: (value) => value,
    late: (error) => {
      throw error;
    },
  });
}

interface Ends<T, R> {
  readonly inTime: (value: Awaited<T>) => R;
  readonly late: (error: ConnectorError) => R;
}

async function limited<T, R>(
  ms: number,
  work: Task<T>,
  options: ScopeOptions,
  ends: Ends<T, R>,
): Promise<R> {
  aboveZero("concurrency.options", "ms", ms);
  const { signal, clock } = options;
  signal?.throwIfAborted();
  const { controller, leave } = follow(signal);
  let stop: (() => void) | undefined;
  const ended = new Promise<ConnectorError>((resolve, reject) => {
    stop = startTimer(ms, () => {
      const error = timeUp(ms);
      // Settled before the work is aborted, so that its reaction comes too late.
      resolve(error);
      controller.abort(error);
    }, clock);
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
  });
  try {
    const value = await Promise.race([ended, run(work, controller.signal)]);
    return value instanceof Done ? ends.inTime(value.value as Awaited<T>) : ends.late(value);
  } finally {
    stop?.();
    leave();
  }
}

/** Distinguishes the work's own errors from the timeout. */
class Done {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

async function run(work: Task<unknown>, signal: AbortSignal): Promise<Done> {
  return new Done(await work(signal));
}

function timeUp(ms: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "deadline.exceeded",
    message: `The work did not finish within ${ms} ms`,
    sent: "maybe",
  });
}

export interface ShieldOptions extends ScopeOptions {
  /** How long the work may continue after `signal` aborts, in milliseconds. Default: as long as it takes. */
  readonly graceMs?: number | undefined;
}

/**
 * Work that continues when `signal` aborts, such as cleaning up or finishing a write: its own signal aborts `graceMs` later, or
 * never. Resolves with the work's value; code that uses `signal` afterwards finds it aborted.
 */
export async function shield<T>(work: Task<T>, options: ShieldOptions = {}): Promise<Awaited<T>> {
  const { signal, graceMs, clock } = options;
  if (graceMs !== undefined) aboveZero("concurrency.options", "graceMs", graceMs);
  const own = new AbortController();
  let stop: (() => void) | undefined;
  const onAbort = () => {
    if (graceMs === undefined) return;
    stop = startTimer(graceMs, () => own.abort(signal?.reason), clock);
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(own.signal);
  } finally {
    stop?.();
    signal?.removeEventListener("abort", onAbort);
  }
}
