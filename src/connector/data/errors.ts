/** Which answers are failures, and which errors they become. */
import type { CallReply } from "../../core/call.ts";
import type { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { Secrets } from "../../core/secrets/secrets.ts";
import type { SelectorPath } from "../../sse/mod.ts";
import type { JsonReader } from "./digits.ts";
import type { AnswerRule, RetryRule } from "../../core/policy.ts";

export interface ApiErrorOptions {
  readonly errorClass: ErrorClass;
  readonly message: string;
  readonly requestId: string;
  /** Undefined for an error inside a stream. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly attempts: number;
  readonly waitedUs?: number;
  readonly queuedUs?: number;
  readonly body: unknown;
  readonly headers: CallReply["headers"];
  readonly apiCode: string | undefined;
  readonly apiMessage?: string | undefined;
}

/** `ApiError` or a class that a connector derives from it. */
export type ApiErrorConstructor = new (options: ApiErrorOptions) => ConnectorError;

export interface ErrorRuleData extends AnswerRule {
  readonly error: ApiErrorConstructor;
  /** Absent: decided by the status. */
  readonly retry?: Exclude<RetryRule["retry"], "default">;
  readonly message?: SelectorPath;
  /** Reads the body once it is known which error it is. Absent: as JSON. */
  readonly parse?: JsonReader;
}

export interface ErrorsData {
  /** Used if no rule matches. */
  readonly error: ApiErrorConstructor;
  readonly message?: SelectorPath;
  readonly code?: SelectorPath;
  /** Response header with the API's request id. */
  readonly requestId?: string;
  readonly rules?: readonly ErrorRuleData[];
  /** For errors that match no rule. */
  readonly parse?: JsonReader;
}

/** What an operation's errors are built from. */
export interface ErrorSource {
  /** Connector and operation, for messages. */
  readonly call: string;
  readonly errors: ErrorsData;
  /** Rules of the operation; they come first. */
  readonly rules?: readonly ErrorRuleData[] | undefined;
  readonly idempotent: boolean;
  /** See {@link JsonReader}. */
  readonly json: boolean;
  /** Secrets that the API may repeat. */
  readonly secrets: () => Secrets;
}

/** Throws if the body of a successful answer is an error. Returns the answer, with a whole body if it was read. */
export type SuccessJudge = (
  source: ErrorSource,
  reply: CallReply,
  maxBytes: number,
) => Promise<CallReply>;
