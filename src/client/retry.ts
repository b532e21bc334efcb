/** Retries on the caller's side. */
import type { Clock } from "../core/clock.ts";
import { ConnectorError, ErrorClass, type ErrorClassName, invalidRequest } from "../core/errors.ts";

export interface RetryOptions {
  /** Attempts after the first. 0: none. Default: 3. */
  readonly maxRetries?: number | undefined;
  /** Upper bound of the first wait, in milliseconds; it doubles with each wait. Default: 1,000. */
  readonly initialBackoffMs?: number | undefined;
  /** Longest wait, in milliseconds. Default: 30,000. */
  readonly maxBackoffMs?: number | undefined;
  /** Class names (`RateLimited` or `RATE_LIMITED`). Default: Transient, RateLimited, Timeout. */
  readonly retryableErrors?: readonly string[] | undefined;
  /** Ends the waiting; an attempt in progress ends only if `fn` listens to the same signal. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: ((error: unknown, attempt: number, waitMs: number) => void) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Returns 0 to below 1. Default: Math.random. */
  readonly random?: (() => number) | undefined;
}

/**
 * Calls `fn` until it succeeds, fails with an error that is not retryable, or has been tried `maxRetries + 1` times; then
 * the last error is thrown unchanged. Waits are random between 0 and the bound (full jitter), so that callers who failed
 * together do not come back together. A Retry-After is a lower bound; one beyond `maxBackoffMs` ends the retries. The runtime
 * repeats calls by itself: give those inside `fn` `retries: 0`, or the attempts multiply.
 */
export async function retryWithBackoff<T>(
  fn: () => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const retry = resolveRetry(options);
  for (let attempt = 0;; attempt++) {
    throwIfAborted(retry.signal);
    try {
      return await fn();
    } catch (error) {
      if (attempt >= retry.maxRetries || !isRetryable(error, retry.classes)) throw error;
      const bound = Math.min(retry.maxBackoffMs, retry.initialBackoffMs * 2 ** attempt);
      const after = error instanceof ConnectorError ? error.retryAfterMs ?? 0 : 0;
      if (after > retry.maxBackoffMs) throw error;
      const waitMs = Math.max(after, retry.random() * bound);
      retry.onRetry?.(error, attempt + 1, waitMs);
      await sleep(waitMs, { signal: retry.signal, clock: retry.clock });
    }
  }
}

/** The same under the name of the existing SDK. */
export const RetryHelper: { readonly withRetry: typeof retryWithBackoff } = {
  withRetry: retryWithBackoff,
};

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** Resolves after `ms`; rejects with `call.cancelled` when the signal aborts first. */
export function sleep(ms: number, options: SleepOptions = {}): Promise<void> {
  const { signal, clock } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const done = () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    };
    // With the default clock this timer keeps the process alive: someone awaits it.
    const timer: unknown = clock === undefined ? setTimeout(done, ms) : clock.setTimeout(done, ms);
    const onAbort = () => {
      if (clock === undefined) clearTimeout(timer as ReturnType<typeof setTimeout>);
      else clock.clearTimeout(timer);
      reject(cancelled(signal!));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

interface ResolvedRetry {
  readonly maxRetries: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly classes: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: ((error: unknown, attempt: number, waitMs: number) => void) | undefined;
  readonly clock: Clock | undefined;
  readonly random: () => number;
}

const DEFAULT_CLASSES: readonly ErrorClassName[] = ["Transient", "RateLimited", "Timeout"];

function resolveRetry(options: RetryOptions): ResolvedRetry {
  const maxRetries = options.maxRetries ?? 3;
  if (!Number.isInteger(maxRetries) || maxRetries < 0) {
    throw invalidRequest(
      "retry.options",
      `maxRetries is ${maxRetries}: give a whole number, 0 or more`,
    );
  }
  return {
    maxRetries,
    initialBackoffMs: milliseconds("initialBackoffMs", options.initialBackoffMs ?? 1000),
    maxBackoffMs: milliseconds("maxBackoffMs", options.maxBackoffMs ?? 30_000),
    classes: new Set((options.retryableErrors ?? DEFAULT_CLASSES).map(className)),
    signal: options.signal,
    onRetry: options.onRetry,
    clock: options.clock,
    random: options.random ?? Math.random,
  };
}

function milliseconds(name: string, value: number): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  throw invalidRequest(
    "retry.options",
    `${name} is ${value}: give a number of milliseconds, 0 or more`,
  );
}

/** `RATE_LIMITED`, `rate_limited` and `RateLimited` are the same name. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

const CLASS_NAMES: ReadonlySet<string> = new Set(Object.keys(ErrorClass).map(plain));

function className(name: string): string {
  if (CLASS_NAMES.has(plain(name))) return plain(name);
  throw invalidRequest(
    "retry.options",
    `retryableErrors has ${JSON.stringify(name)}: use ${Object.keys(ErrorClass).join(", ")}`,
  );
}

function isRetryable(error: unknown, classes: ReadonlySet<string>): boolean {
  if (error instanceof ConnectorError) return classes.has(plain(error.getErrorClassName()));
  // The existing SDK looks for the class names in the text of any other error.
  const text = plain(String(error));
  for (const name of classes) if (text.includes(name)) return true;
  return false;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}

function cancelled(signal: AbortSignal): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "call.cancelled",
    message: "The caller cancelled the retries",
    origin: "caller",
    cause: signal.reason,
  });
}
