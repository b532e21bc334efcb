/** What a connector declares about retries and rate limits, as data for the engine. Times in milliseconds. */
import type { Condition } from "./rules/condition.ts";

export type RetryCondition =
  | { readonly kind: "connect" }
  | { readonly kind: "timeout" }
  | { readonly kind: "reset" }
  /** Inclusive range: `5xx` is 500–599. */
  | { readonly kind: "status"; readonly from: number; readonly to: number };

export type WaitFormat = "ms" | "seconds" | "http-date" | "duration" | "unix" | "unix-ms";

export type RetryWait =
  | { readonly kind: "header"; readonly header: string; readonly as: readonly WaitFormat[] }
  | { readonly kind: "backoff"; readonly baseMs: number; readonly maxMs: number };

/** Statuses, and inclusive ranges of them. */
export type StatusRanges = readonly (number | readonly [from: number, to: number])[];

/** Everything it names must match. */
export interface AnswerRule {
  /** Absent: 400–599. */
  readonly status?: StatusRanges | undefined;
  readonly body?: readonly Condition[] | undefined;
  readonly headers?:
    | readonly { readonly name: string; readonly oneOf: readonly string[] }[]
    | undefined;
}

/** Whether a matching answer is retried: by its status, never, if that does no harm, or always. */
export interface RetryRule extends AnswerRule {
  readonly retry: "default" | "never" | "idempotent" | "always";
}

export interface RetryPolicy {
  /** All attempts, the first included. 1: no retries. */
  readonly attempts?: number;
  readonly on?: readonly RetryCondition[];
  /** Retries of methods that are not idempotent: `never`, only with an idempotency key (`keyed`), or `always`. */
  readonly unsafe?: "never" | "keyed" | "always";
  /** A longer wait asked for by the API ends the retries. */
  readonly maxWaitMs?: number;
  /** The first that yields a wait wins. */
  readonly wait?: readonly RetryWait[];
  /** The first that matches an answer decides. */
  readonly rules?: readonly RetryRule[];
}

/** The request is sent again, in parallel, if no answer has started by then; the first good answer wins. */
export interface HedgePolicy {
  /** Milliseconds since the previous attempt. */
  readonly afterMs: number;
  /** Concurrent attempts, the first included. Default: 2. */
  readonly attempts?: number;
}

export interface RateLimitPolicy {
  /** Obeyed before the API has to refuse calls. */
  readonly rate?: { readonly calls: number; readonly perMs: number; readonly burst: number };
  /** Response headers that tell the state. */
  readonly limitHeader?: string;
  readonly remainingHeader?: string;
  readonly reset?: { readonly header: string; readonly as: readonly WaitFormat[] };
}
