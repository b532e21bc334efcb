/** The operator's options for retries. */
import { wholeAboveZero } from "../../core/check_number.ts";
import { invalidRequest } from "../../core/errors.ts";
import { type RetryBudgetOptions, USUAL_BUDGET } from "./retry_budget.ts";
import { type Backoff, type DelayLimits, USUAL_BACKOFF } from "./retry_delay.ts";
import type { RetryLimits } from "./retry_rules.ts";

export interface RetryOptions extends RetryLimits {
  /** Bounds of the random waits, for policies without any. Default: 100 ms, doubling up to 10,000. */
  readonly backoff?: Partial<Backoff>;
  /** Longest wait that an API may ask for, ms; a longer one ends the retries. Default: only the deadline limits it. */
  readonly maxWaitMs?: number;
  /**
   * How much of a streamed request body is kept in memory for retries, in bytes; a call with a longer one is not
   * retried once some of it was sent. 0: none. Default: 1 MiB.
   */
  readonly bodyBytes?: number;
  /** Per tenant and host. Default: 20 % of the calls and 3 a second. `false`: no limit. */
  readonly budget?: Partial<RetryBudgetOptions> | false;
}

export interface ResolvedRetry {
  readonly limits: RetryLimits;
  readonly delay: DelayLimits;
  readonly bodyBytes: number;
  readonly budget: RetryBudgetOptions | undefined;
}

const USUAL_BODY_BYTES = 1024 * 1024;

/** @throws ConnectorError `config.option`. */
export function resolveRetry(options: RetryOptions | false = {}): ResolvedRetry {
  const {
    attempts,
    unsafe,
    backoff,
    maxWaitMs = Infinity,
    bodyBytes = USUAL_BODY_BYTES,
    budget = {},
  } = options === false ? { attempts: 1 } as RetryOptions : options;
  if (attempts !== undefined) {
    wholeAboveZero("config.option", "engine option retry.attempts", attempts);
  }
  return {
    limits: {
      ...(attempts !== undefined && { attempts }),
      ...(unsafe !== undefined && { unsafe }),
    },
    delay: {
      backoff: {
        baseMs: fromZero("backoff.baseMs", backoff?.baseMs ?? USUAL_BACKOFF.baseMs),
        maxMs: fromZero("backoff.maxMs", backoff?.maxMs ?? USUAL_BACKOFF.maxMs),
      },
      maxWaitMs: fromZero("maxWaitMs", maxWaitMs),
    },
    bodyBytes: fromZero("bodyBytes", bodyBytes),
    budget: budget === false ? undefined : {
      share: fromZero("budget.share", budget.share ?? USUAL_BUDGET.share),
      perSecond: fromZero("budget.perSecond", budget.perSecond ?? USUAL_BUDGET.perSecond),
    },
  };
}

function fromZero(name: string, value: number): number {
  if (value >= 0) return value;
  throw invalidRequest(
    "config.option",
    `engine option retry.${name} is ${String(value)}: give a number, 0 or more`,
  );
}
