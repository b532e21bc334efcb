/** What callers hand to the client, and how it becomes a call of the engine. */
import { joinedHeader } from "../core/headers.ts";
import type { CallPolicy, CallRequest, HeaderList, RuntimeCall } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";
import { aboveZero, attemptsOf } from "../core/check_number.ts";
import { type BodyInput, prepareBody, type PreparedBody } from "./body.ts";
import { type HeadersInput, toHeaderList } from "./headers.ts";

/** The options that a raw call names differently. */
type Own = "method" | "url" | "headers" | "body";

/** A raw HTTP call. What is left out comes from the client. */
export interface HTTPRequest extends Omit<RuntimeCall, Own | "connector" | "operation" | "policy"> {
  /** Default: `GET`. */
  readonly method?: string | undefined;
  /** Absolute, http or https. */
  readonly url: string | URL;
  readonly headers?: HeadersInput | undefined;
  readonly body?: BodyInput;
  /** Retries at most, where repeating does no harm; 0: none. Default: the client's `retries`. */
  readonly retries?: number | undefined;
  /**
   * Sends the request again if no answer has started after this many milliseconds; the first good answer wins. For requests that may be
   * repeated. Default: the runtime's setting, which is never.
   */
  readonly hedgeAfterMs?: number | undefined;
}

/** A call as a connector makes it. */
export interface ClientRequest
  extends HTTPRequest, Partial<Pick<RuntimeCall, "connector" | "operation" | "policy">> {}

export interface Defaults {
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly traceId: string;
  readonly timeoutMs: number;
  readonly retries: number | undefined;
}

/** Throws (or rejects with) an InvalidRequest for requests that no engine could make sense of. */
export function toCallRequest(
  call: ClientRequest,
  defaults: Defaults,
): CallRequest | Promise<CallRequest> {
  const prepared = prepareBody(call.body);
  return prepared instanceof Promise
    ? prepared.then((body) => assemble(call, defaults, body))
    : assemble(call, defaults, prepared);
}

function assemble(call: ClientRequest, defaults: Defaults, prepared: PreparedBody): CallRequest {
  const url = typeof call.url === "string" ? call.url : urlText(call.url);
  if (url === "") {
    throw invalidRequest(
      "request.url",
      "The request has no url: give an absolute http or https URL",
    );
  }
  const { retries, hedgeAfterMs } = call;
  // Field by field: copying what is left of an object takes as long as all of this. None can be forgotten.
  return {
    tenantId: call.tenantId || defaults.tenantId,
    workspaceId: call.workspaceId || defaults.workspaceId,
    traceId: call.traceId || defaults.traceId,
    connector: call.connector ?? "http",
    operation: call.operation ?? "request",
    method: call.method ?? "GET",
    url,
    headers: withContentType(toHeaderList(call.headers), prepared.contentType),
    body: prepared.body,
    timeoutMs: call.timeoutMs === undefined ? defaults.timeoutMs : checkTimeout(call.timeoutMs),
    signal: call.signal,
    idempotencyKey: call.idempotencyKey,
    freshKey: call.freshKey,
    traceparent: call.traceparent,
    policy: withHedging(withRetries(call.policy, retries, defaults.retries), hedgeAfterMs),
    onRetry: call.onRetry,
    keep: call.keep,
  } satisfies { readonly [Key in Exclude<keyof CallRequest, "hold">]-?: CallRequest[Key] };
}

/** The call's own values win over its policy, and those over the client's. */
function withRetries(
  policy: CallPolicy | undefined,
  retries: number | undefined,
  usual: number | undefined,
): CallPolicy | undefined {
  const asked = retries ?? (policy?.retry?.attempts === undefined ? usual : undefined);
  if (asked === undefined) return policy;
  return { ...policy, retry: { ...policy?.retry, attempts: attemptsOf("request.retries", asked) } };
}

function withHedging(
  policy: CallPolicy | undefined,
  afterMs: number | undefined,
): CallPolicy | undefined {
  if (afterMs === undefined) return policy;
  return {
    ...policy,
    hedge: { ...policy?.hedge, afterMs: aboveZero("request.hedge", "hedgeAfterMs", afterMs) },
  };
}

/** A positive finite number of milliseconds, or an InvalidRequest `request.timeout`. */
export function checkTimeout(timeoutMs: number): number {
  if (typeof timeoutMs === "number" && timeoutMs > 0 && Number.isFinite(timeoutMs)) {
    return timeoutMs;
  }
  throw invalidRequest(
    "request.timeout",
    `timeoutMs is ${String(timeoutMs)}: give a number of milliseconds above 0`,
  );
}

function urlText(url: unknown): string {
  if (url instanceof URL) return url.href;
  if (url === undefined || url === null) return "";
  throw invalidRequest("request.url", `The url is of type ${typeof url}: give a string or a URL`);
}

function withContentType(headers: HeaderList, contentType: string | undefined): HeaderList {
  if (contentType === undefined || joinedHeader(headers, "content-type") !== undefined) {
    return headers;
  }
  return [...headers, ["content-type", contentType]];
}
