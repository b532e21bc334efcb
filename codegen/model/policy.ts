/** Timeouts, retries and limits as data for the engine. All times in milliseconds; absent means the engine's default. */
import type { HedgePolicy, RateLimitPolicy, RetryPolicy } from "../../src/core/policy.ts";

export type {
  HedgePolicy,
  RateLimitPolicy,
  RetryCondition,
  RetryPolicy,
  RetryWait,
  WaitFormat,
} from "../../src/core/policy.ts";

export interface TimeoutModel {
  readonly connectMs?: number;
  readonly firstByteMs?: number;
  readonly idleMs?: number;
  readonly totalMs?: number;
}

export interface PolicyModel {
  readonly timeout: TimeoutModel;
  readonly retry?: RetryPolicy;
  readonly hedge?: HedgePolicy;
  readonly rateLimit?: RateLimitPolicy;
}
