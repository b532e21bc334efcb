/** Failures as RFC 9457 problem documents, and their HTTP statuses. */
import type { ApiError } from "../../connector/answer/api_error.ts";
import {
  type ConnectorError,
  ErrorClass,
  type ErrorClassName,
  errorClassName,
  type Sent,
} from "../../core/errors.ts";
import { jsonResponse } from "../../core/serve/json_response.ts";
import type { Mistake } from "../../schema/explain.ts";

export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable and dotted: `input.invalid`. */
  readonly code: string;
  readonly class: ErrorClassName;
  readonly requestId: string;
  /** Whether repeating the same request may succeed. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** Whether the API may have acted on the call. */
  readonly sent: Sent;
  /** Attempts made upstream. */
  readonly attempts?: number;
  /** Time between attempts. */
  readonly waitedMs?: number;
  /** Time in the runtime's own queues. */
  readonly queuedMs?: number;
  /** Status of the upstream API, if it answered. */
  readonly upstreamStatus?: number;
  /** Class of the connector's error: `NotFoundError`. Only for answers of the API. */
  readonly error?: string;
  /** The API's own code and type of the error, if its answer has them. */
  readonly apiCode?: string;
  readonly apiType?: string;
  /** Mistakes in the input, by path. */
  readonly errors?: readonly Mistake[];
  /** Names that would be right. */
  readonly known?: readonly string[];
}

/** Upstream answers caused by the caller's input: passed on, since the caller can correct it. */
const CALLER_STATUSES = new Set([
  400,
  404,
  405,
  406,
  409,
  410,
  411,
  412,
  413,
  414,
  415,
  416,
  417,
  422,
  428,
  431,
]);

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  410: "Gone",
  413: "Content too large",
  415: "Unsupported media type",
  422: "Unprocessable content",
  429: "Too many requests",
  499: "Client closed request",
  500: "Internal error",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway timeout",
};

/** Of failures that never came to the API. */
const OWN_STATUSES: Readonly<Record<string, number>> = {
  "config.missing": 503,
  "idempotency.mismatch": 422,
  "idempotency.in_progress": 409,
  "idempotency.not_kept": 409,
  "stream.gone": 410,
};

/** The HTTP status for a failed call. */
export function statusOf(error: ConnectorError): number {
  const { errorClass, status } = error;
  if (errorClass === ErrorClass.RateLimited || status === 429) return 429;
  if (errorClass === ErrorClass.Timeout) return 504;
  if (status !== undefined) return CALLER_STATUSES.has(status) ? status : 502;
  const own = OWN_STATUSES[error.code];
  if (own !== undefined) return own;
  if (error.code.startsWith("egress.") || error.code === "tenant.denied") return 403;
  if (errorClass === ErrorClass.InvalidRequest) return 400;
  if (error.origin === "caller") return 499;
  if (error.origin === "upstream") return 502;
  // Our own: retryable if it says so (a daemon that is being restarted), else an internal error.
  return errorClass === ErrorClass.Transient ? 503 : 500;
}

/** Removes from texts what callers must not see. */
export interface Cleaner {
  redact(text: string): string;
  hidePlaces(text: string): string;
}

export function problemOf(
  error: ConnectorError,
  requestId: string,
  { redact, hidePlaces }: Cleaner,
): Problem {
  const status = statusOf(error);
  return {
    title: TITLES[status] ?? "Upstream refused",
    status,
    detail: redact(detailOf(error, hidePlaces)),
    code: error.code,
    class: errorClassName(error.errorClass),
    requestId,
    retryable: error.isRetryable(),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    sent: error.sent,
    attempts: error.attempts,
    ...(error.waitedUs > 0 && { waitedMs: Math.round(error.waitedUs / 1_000) }),
    ...(error.queuedUs > 0 && { queuedMs: Math.round(error.queuedUs / 1_000) }),
    ...(error.status === undefined ? {} : { upstreamStatus: error.status }),
    ...apiFacts(error, redact),
  };
}

type ApiFacts = Pick<Problem, "error" | "apiCode" | "apiType">;

function apiFacts(error: ConnectorError, redact: (text: string) => string): ApiFacts {
  if (error.code !== "api.error" || !("apiCode" in error)) return {};
  if (isAboutCredentials(error)) return { error: error.name };
  // Connectors may have been built against another copy of the package: recognised by the code, not the class.
  const { body, apiCode } = error as Partial<ApiError>;
  const own = objectOf(objectOf(body).error ?? body);
  const code = token(apiCode ?? own.code);
  const type = token(own.type);
  return {
    error: error.name,
    ...(code === undefined ? {} : { apiCode: redact(code) }),
    ...(type === undefined ? {} : { apiType: redact(type) }),
  };
}

function objectOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

/** Only names and numbers are repeated; sentences and anything else are not. */
function token(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^[A-Za-z0-9_-][\w.-]{0,99}$/.test(text) &&
      !/^\d+(\.\d+){3}$/.test(text)
    ? text
    : undefined;
}

function isAboutCredentials({ status }: ConnectorError): boolean {
  return status === 401 || status === 403 || status === 407;
}

/** What a caller may know about a failure, before secrets are blanked out. */
export function detailOf(error: ConnectorError, hidePlaces: (text: string) => string): string {
  // APIs often repeat parts of the key that they refuse.
  if (isAboutCredentials(error)) {
    return `The API refused the credentials of this server (${error.status}): check the connector's configuration.`;
  }
  // An unexpected failure may say anything; the log has it under the request id.
  if (error.code === "internal") {
    return "The request failed inside this server; its log has the reason under the request id.";
  }
  // API messages and input errors are for the caller; the rest may reveal this server's network.
  const forCaller = error.status !== undefined || error.errorClass === ErrorClass.InvalidRequest;
  const own = (error as Partial<ApiError>).apiMessage;
  return forCaller ? own ?? error.message : hidePlaces(error.message);
}

/** A mistake of the HTTP request itself, before any connector is involved. */
export function requestProblem(
  status: number,
  code: string,
  detail: string,
  requestId: string,
  more: { errors?: readonly Mistake[]; known?: readonly string[] } = {},
): Problem {
  return {
    title: TITLES[status] ?? "Bad request",
    status,
    detail,
    code,
    class: status === 503 ? "Permanent" : "InvalidRequest",
    requestId,
    retryable: false,
    sent: "no",
    ...more,
  };
}

export function problemResponse(
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const all = new Headers({
    "content-type": "application/problem+json",
    "x-request-id": problem.requestId,
    ...headers,
  });
  if (problem.retryAfterMs !== undefined) {
    all.set("retry-after", String(Math.max(0, Math.ceil(problem.retryAfterMs / 1000))));
  }
  return jsonResponse(problem, { status: problem.status, headers: all });
}
