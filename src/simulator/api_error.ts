/** An error that each API writes in its own format. */

export interface ApiErrorOptions {
  readonly status: number;
  readonly message: string;
  /** OpenAI's `error.type`. Default: `invalid_request_error`. */
  readonly type?: string;
  /** OpenAI's `error.code`. Default: null. */
  readonly code?: string | null;
  /** Path of the invalid parameter. Default: null. */
  readonly param?: string | null;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;

  constructor(options: ApiErrorOptions) {
    super(options.message);
    this.status = options.status;
    this.type = options.type ?? "invalid_request_error";
    this.code = options.code ?? null;
    this.param = options.param ?? null;
  }
}

export function openAiError(error: ApiError): unknown {
  return {
    error: { message: error.message, type: error.type, param: error.param, code: error.code },
  };
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

export function anthropicError(error: ApiError): unknown {
  const type = ANTHROPIC_TYPES[error.status] ??
    (error.status < 500 ? "invalid_request_error" : "api_error");
  return { type: "error", error: { type, message: error.message } };
}

/** The error of a status fault, worded as the real API does for the common ones. */
export function faultError(status: number, code: string | undefined): ApiError {
  const options = { status, code: code ?? null };
  if (status === 401) {
    return new ApiError({
      ...options,
      message: "Incorrect API key provided.",
      code: code ?? "invalid_api_key",
    });
  }
  if (status === 429 && code === "insufficient_quota") {
    return new ApiError({
      ...options,
      message: "You exceeded your current quota.",
      type: "insufficient_quota",
    });
  }
  if (status === 429) {
    return new ApiError({
      ...options,
      message: "Rate limit reached.",
      type: "requests",
      code: code ?? "rate_limit_exceeded",
    });
  }
  if (status >= 500) {
    return new ApiError({ ...options, message: "The server had an error.", type: "server_error" });
  }
  return new ApiError({ ...options, message: `The simulator answered ${status} on request.` });
}
