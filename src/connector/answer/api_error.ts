/** Failed answers of an API, as errors. */
import { firstHeader } from "../../core/headers.ts";
import type { CallReply } from "../../core/call.ts";
import { meetsBody, meetsHeaders, meetsStatus } from "../../core/rules/answer_rule.ts";
import { ConnectorError, ErrorClass, UNUSABLE } from "../../core/errors.ts";
import { statusClass } from "../../http/status.ts";
import { select, type SelectorPath } from "../../sse/mod.ts";
import { factsOf } from "./results.ts";
import { retryAfterMs } from "../../http/retry_after.ts";
import type { ApiErrorOptions, ErrorRuleData, ErrorsData, ErrorSource } from "../data/errors.ts";

/**
 * The API answered with a failure: `openai models.retrieve: 404 model_not_found: The model …`. `code` is `api.error`; the
 * classes of a connector distinguish the cases.
 */
export class ApiError<Body = unknown> extends ConnectorError {
  override readonly name: string = "ApiError";
  /** Parsed JSON, else the text; undefined when there was none. */
  declare readonly body: Body;
  declare readonly headers: CallReply["headers"];
  /** The API's own error code, if the spec says where to find it. */
  declare readonly apiCode: string | undefined;
  /** The API's message, found where the spec says, else where most APIs put it. */
  declare readonly apiMessage: string | undefined;

  constructor(options: ApiErrorOptions) {
    super({ ...UNUSABLE, ...options, code: "api.error" });
    const { body, headers, apiCode, apiMessage } = options;
    Object.assign(this, { body, headers, apiCode, apiMessage });
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), apiCode: this.apiCode };
  }
}

/** The rule that a response matches; undefined if none does. */
export function matchRule(
  source: ErrorSource,
  reply: CallReply,
  body: unknown,
  inBand = false,
): ErrorRuleData | undefined {
  const meets = (rule: ErrorRuleData): boolean =>
    // An error inside a stream has a success status: a rule with statuses cannot be about it, unless it also names a body.
    (inBand
      ? rule.status === undefined || rule.body !== undefined
      : meetsStatus(rule, reply.status)) &&
    meetsHeaders(rule, reply.headers) && meetsBody(rule, body);
  return source.rules?.find(meets) ?? source.errors.rules?.find(meets);
}

/** Where APIs usually put their message when they do not answer as their spec says. */
const USUAL_MESSAGES: readonly SelectorPath[] = [
  ["error", "message"],
  ["error_description"],
  ["error"],
  ["message"],
  ["detail"],
  ["title"],
];

/** The body as the type of the error says, since the rule can only be told from the body. */
export function bodyOf(
  source: ErrorSource,
  rule: ErrorRuleData | undefined,
  text: string,
  body: unknown,
): unknown {
  const { parse } = rule ?? source.errors;
  if (parse === undefined) return body;
  try {
    return parse(text, source.json);
  } catch {
    return body;
  }
}

const EXCERPT = 200;

/** The start of a body in which no message was found, on one line: whatever it says explains more than a status. */
function excerpt(body: unknown): string {
  const all = typeof body === "string" ? body : JSON.stringify(body, readable) ?? "";
  const line = all.slice(0, 4 * EXCERPT).replace(/\s+/g, " ").trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
}

const readable = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

export function apiError(
  source: ErrorSource,
  reply: CallReply,
  answer: unknown,
  rule: ErrorRuleData | undefined,
  inStream?: { readonly message: SelectorPath | undefined },
): ConnectorError {
  const { errors } = source;
  const inBand = inStream !== undefined;
  const secrets = source.secrets();
  const body = secrets.clean(answer);
  const Constructor = rule?.error ?? errors.error;
  const apiMessage = [inStream?.message, rule?.message, errors.message, ...USUAL_MESSAGES]
    .map((path) => text(path && select(path, body))).find((one) => one !== undefined);
  const said = apiMessage ?? excerpt(body);
  const apiCode = text(errors.code && select(errors.code, body));
  const status = inBand ? undefined : reply.status;
  const what = [status, apiCode !== apiMessage && apiCode].filter(Boolean).join(" ");
  return new Constructor({
    ...factsOf(reply),
    errorClass: classOf(source, reply.status, rule, inBand),
    message: `${source.call}: ${
      said
        ? `${what && `${what}: `}${said}`
        : inBand
        ? "the stream carries an error"
        : `the API answered with status ${what}`
    }`,
    requestId: secrets.redact(apiRequestId(errors, reply)),
    status,
    retryAfterMs: inBand ? undefined : retryAfterMs(reply.headers),
    body,
    headers: secrets.clean(reply.headers),
    apiCode,
    apiMessage,
  });
}

function classOf(
  source: ErrorSource,
  status: number,
  rule: ErrorRuleData | undefined,
  inBand: boolean,
): ErrorClass {
  const retry = rule?.retry;
  if (retry === "always" || (retry === "idempotent" && source.idempotent)) {
    return ErrorClass.Transient;
  }
  // A success status that a rule calls an error would recur, as would an error inside a stream.
  return retry === undefined && !inBand
    ? statusClass(status) || ErrorClass.Permanent
    : ErrorClass.Permanent;
}

/** The API's own request id, which its support asks for, else the runtime's. */
export function apiRequestId(errors: ErrorsData, reply: CallReply): string {
  return (errors.requestId && firstHeader(reply.headers, errors.requestId)) || reply.requestId;
}

function text(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}
