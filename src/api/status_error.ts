/** Failed responses as errors: a class for each status that programs distinguish. */
import { ConnectorError, UNUSABLE } from "../core/errors.ts";
import type { HeaderList } from "../core/call.ts";
import { Secrets } from "../core/secrets/secrets.ts";
import { CREDENTIALS } from "../http/credentials.ts";
import { retryAfterMs } from "../http/retry_after.ts";
import { statusClass } from "../http/status.ts";
import type { HTTPResponse } from "../client/mod.ts";

/** The API answered with a status of 400 or above. `code` is `api.error`, `errorClass` follows from the status. */
export class HttpStatusError extends ConnectorError {
  override readonly name: string = "HttpStatusError";
  declare readonly status: number;
  /** The response with its headers and body. Not enumerable, so that logs do not show it. */
  declare readonly response: HTTPResponse;

  constructor(response: HTTPResponse, message: string) {
    super({
      ...UNUSABLE,
      errorClass: statusClass(response.status),
      code: "api.error",
      message,
      status: response.status,
      requestId: response.requestId,
      retryAfterMs: retryAfterMs(response.headerList),
      attempts: response.attempts,
      waitedUs: response.waitedUs,
      queuedUs: response.queuedUs,
    });
    Object.defineProperty(this, "response", { value: response });
  }
}

/** 400 to 499. */
export class ClientError extends HttpStatusError {
  override readonly name: string = "ClientError";
}
/** 400 and 422. */
export class BadRequestError extends ClientError {
  override readonly name: string = "BadRequestError";
}
/** 401. */
export class UnauthorizedError extends ClientError {
  override readonly name: string = "UnauthorizedError";
}
/** 403. */
export class ForbiddenError extends ClientError {
  override readonly name: string = "ForbiddenError";
}
/** 404. */
export class NotFoundError extends ClientError {
  override readonly name: string = "NotFoundError";
}
/** 408. */
export class RequestTimeoutError extends ClientError {
  override readonly name: string = "RequestTimeoutError";
}
/** 413. */
export class ContentTooLargeError extends ClientError {
  override readonly name: string = "ContentTooLargeError";
}
/** 429; `retryAfterMs` says when to try again, if the API does. */
export class TooManyRequestsError extends ClientError {
  override readonly name: string = "TooManyRequestsError";
}
/** 500 to 599. */
export class ServerError extends HttpStatusError {
  override readonly name: string = "ServerError";
}

const CLASSES: Readonly<Record<number, typeof ClientError>> = {
  400: BadRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  408: RequestTimeoutError,
  413: ContentTooLargeError,
  422: BadRequestError,
  429: TooManyRequestsError,
};

/** The class for the status. Credentials of the request that the API repeats are removed from the message. */
export function statusError(response: HTTPResponse, sent: HeaderList): HttpStatusError {
  const Class = CLASSES[response.status] ?? (response.status < 500 ? ClientError : ServerError);
  const said = new Secrets(credentials(sent)).redact(apiMessage(response));
  return new Class(
    response,
    `The API answered with status ${response.status}${said === "" ? "" : `: ${said}`}`,
  );
}

/** Whole values, and the part after the scheme, as in `Bearer …`. */
function* credentials(headers: HeaderList): Generator<string> {
  for (const [name, value] of headers) {
    if (!CREDENTIALS.includes(name.toLowerCase())) continue;
    yield value;
    const [, token] = value.split(" ", 2);
    if (token !== undefined && token !== "") yield token;
  }
}

const EXCERPT = 200;

/** Where most APIs have their message, else the start of the body. */
function apiMessage(response: HTTPResponse): string {
  const text = response.text();
  const body = parse(text);
  const found = [
    field(field(body, "error"), "message"),
    field(body, "message"),
    field(body, "error"),
  ]
    .find((one) => typeof one === "string");
  const line = (found as string | undefined ?? text.slice(0, 4 * EXCERPT)).replace(/\s+/g, " ")
    .trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
