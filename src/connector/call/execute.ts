/** One exchange: request, auth, runtime, and the errors that an answer means. */
import type { CallPolicy, CallReply, HeaderList } from "../../core/call.ts";
import { IDEMPOTENCY_HEADER } from "../../core/call_headers.ts";
import { chain } from "../../core/chain.ts";
import { systemClock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { attemptsOf } from "../../core/check_number.ts";
import type { Secrets } from "../../core/secrets/secrets.ts";
import { apiError, lenientJson, matchRule } from "../answer/api_error.ts";
import { buildRequest, checkInput } from "../request/build_request.ts";
import { ConnectorClient, positive } from "./client.ts";
import type { CallOptions } from "../data/options.ts";
import { headerBag, setHeaders } from "../request/outgoing.ts";
import { readText } from "../answer/read_body.ts";
import { leaveSecretsAtHome, noteCredentials, runHook } from "../request/secret_headers.ts";
import { select } from "../../sse/mod.ts";
import type { OperationData } from "../data/operation.ts";
import type { ErrorSource } from "../data/errors.ts";
import type { AuthStep, ClientState } from "../data/connector.ts";
import type { Exchange, Input, OutgoingRequest } from "../data/request.ts";

/** A call that has not been made yet. */
export interface Work {
  readonly client: ClientState;
  readonly operation: OperationData;
  readonly input: Input;
  readonly options: CallOptions;
  /** In place of the built URL, for the next page. Whatever may hold a secret is left out for another origin. */
  readonly url?: string;
}

export function prepare(
  client: ConnectorClient,
  operation: OperationData,
  input: unknown,
  options: CallOptions = {},
): Work {
  return {
    client: ConnectorClient.stateOf(client),
    operation,
    input: checkInput(operation.id, input),
    options,
  };
}

/** Resolves for answers that are not failures by status; their bodies are still unread. Waits for nothing that is here. */
export function send(work: Work): Promise<Exchange> {
  const { client, operation, input, options } = work;
  const shown = (error: unknown): Promise<never> =>
    Promise.reject(shownError(work, client.secrets, error));
  try {
    const built = buildRequest(client, operation, input, options);
    const exchange = chain(built, (request) => sendBuilt(work, request));
    return exchange.catch(shown);
  } catch (error) {
    return shown(error);
  }
}

function sendBuilt(work: Work, request: OutgoingRequest): Promise<Exchange> {
  const { client, operation, options } = work;
  const home = !work.url || new URL(work.url).origin === new URL(request.url).origin;
  if (work.url) request.url = work.url;
  const { onRequest } = operation;
  const sendIt = (): Promise<Exchange> => {
    const key = home ? idempotencyKey(operation, options, request) : undefined;
    const all = operation.auth ?? client.connector.auth ?? [];
    for (const { headers } of all) headers?.forEach((name) => request.secretHeaders.add(name));
    const steps = home ? all : [];
    const tenantId = options.tenantId ?? client.options.tenantId ?? "";
    const unsigned = { request, home, steps, tenantId, key, time: timeBudget(work) };
    return attempt(work, unsigned).then((exchange) => {
      const { status } = exchange.reply;
      return status < 300 || status === 304 ? exchange : turnedDown(work, unsigned, exchange);
    });
  };
  // A hook has the secrets of the configuration at hand, so it does not see requests to others.
  if (!home || !onRequest) return sendIt();
  return runHook(request, () => onRequest(request, work.input, client.config)).then(sendIt);
}

/** Once more with other credentials where there are some; else the error that the status means. */
async function turnedDown(work: Work, unsigned: Unsigned, first: Exchange): Promise<Exchange> {
  const { steps, tenantId } = unsigned;
  let exchange = first;
  if (exchange.reply.status === 401) {
    const again = (): Promise<Exchange> => attempt(work, unsigned);
    for (const step of steps) {
      exchange = await step.refused?.(exchange, work.client, tenantId, again) ?? exchange;
    }
  }
  const { status } = exchange.reply;
  if (status >= 300 && status !== 304) throw await failure(work, exchange);
  return exchange;
}

interface Unsigned {
  readonly request: OutgoingRequest;
  /** False for a next page on another origin than the API. */
  readonly home: boolean;
  readonly steps: readonly AuthStep[];
  readonly tenantId: string;
  readonly key: string | undefined;
  readonly time: TimeBudget;
}

/** Signs a copy, so that the next attempt begins with what was there before. */
function attempt(work: Work, unsigned: Unsigned): Promise<Exchange> {
  const { request: before } = unsigned;
  const request = {
    ...before,
    headers: headerBag(Object.entries(before.headers)),
    secretHeaders: new Set(before.secretHeaders),
    secrets: [...before.secrets],
  };
  return chain(sign(work, unsigned, request), (left) => transmit(work, unsigned, request, left));
}

/** Step after step from `first` on, waiting for those that have to wait. Gives what is left of the call's time. */
function sign(
  work: Work,
  unsigned: Unsigned,
  request: OutgoingRequest,
  first = 0,
): TimeLeft | Promise<TimeLeft> {
  const { steps, tenantId, time } = unsigned;
  const timeoutMs = time.left();
  const limits = { signal: work.options.signal, timeoutMs };
  for (let at = first; at < steps.length; at++) {
    const signing = steps[at]?.apply(request, work.client, tenantId, limits);
    if (signing instanceof Promise) {
      return signing.then(() => sign(work, unsigned, request, at + 1));
    }
  }
  return timeoutMs;
}

function transmit(
  work: Work,
  { home, key }: Unsigned,
  request: OutgoingRequest,
  timeoutMs: TimeLeft,
): Promise<Exchange> {
  const { client, operation, options } = work;
  const own = client.options;
  // What the caller says goes above everything, credentials included.
  setHeaders(request.headers, options.headers);
  noteCredentials(request, own.headers);
  noteCredentials(request, options.headers);
  if (!home) leaveSecretsAtHome(request);
  const { timeoutMs: _, ...policy } = policyOf(work);
  const shown = (error: unknown): never => {
    throw shownError(work, secretsIn(work, request)(), error);
  };
  try {
    return client.runtime.call({
      method: request.method,
      url: request.url,
      headers: Object.entries(request.headers) as HeaderList,
      body: request.body,
      connector: client.connector.id,
      operation: operation.id,
      timeoutMs,
      tenantId: options.tenantId ?? own.tenantId,
      workspaceId: options.workspaceId ?? own.workspaceId,
      traceId: options.traceId,
      traceparent: options.traceparent,
      signal: options.signal,
      idempotencyKey: key,
      policy: callPolicy(policy, request, options),
    }).then((reply) => ({ reply, request }), shown);
  } catch (error) {
    return shown(error);
  }
}

/** All that an answer to this request may repeat; put together when somebody asks, since few calls fail. */
export function secretsIn(work: Work, request: OutgoingRequest): () => Secrets {
  return () => work.client.secrets.with(request.secrets);
}

/** Without secrets, whoever made it. What the caller aborted with is the caller's. */
export function shownError(work: Work, secrets: Secrets, error: unknown): unknown {
  const { signal } = work.options;
  return signal?.aborted && error === signal.reason ? error : secrets.clean(error);
}

/** Milliseconds; undefined where the runtime's own limit holds. */
type TimeLeft = number | undefined;

interface TimeBudget {
  /**
   * Counted from the first time it is asked. Throws `deadline.exceeded` when nothing is left.
   */
  left(): TimeLeft;
}

/** What waiting for credentials and a first attempt that was refused take away is not given again. */
function timeBudget(work: Work): TimeBudget {
  const { client, options } = work;
  const timeoutMs = positive("timeoutMs", options.timeoutMs) ?? client.options.timeoutMs ??
    policyOf(work).timeoutMs;
  if (timeoutMs === undefined) return { left: () => undefined };
  const clock = client.options.clock ?? systemClock;
  let started: number | undefined;
  return {
    left() {
      if (started === undefined) {
        started = clock.monotonic();
        return timeoutMs;
      }
      const left = timeoutMs - Math.floor(clock.monotonic() - started);
      if (left > 0) return left;
      throw new ConnectorError({
        errorClass: ErrorClass.Timeout,
        code: "deadline.exceeded",
        message: `The call took longer than ${timeoutMs} ms before it was sent`,
      });
    },
  };
}

function policyOf({ client, operation }: Work): NonNullable<OperationData["policy"]> {
  return operation.policy ?? client.connector.policy ?? {};
}

function callPolicy(
  policy: CallPolicy,
  request: OutgoingRequest,
  options: CallOptions,
): CallPolicy {
  const secretHeaders = [...request.secretHeaders];
  return {
    ...policy,
    ...(secretHeaders.length === 0 ? {} : { secretHeaders }),
    ...(options.retries === undefined
      ? {}
      : { retry: { ...policy.retry, attempts: attemptsOf("config.invalid", options.retries) } }),
  };
}

function idempotencyKey(
  operation: OperationData,
  options: CallOptions,
  request: OutgoingRequest,
): string | undefined {
  const key = options.idempotencyKey ??
    (operation.idempotency?.generate ? crypto.randomUUID() : undefined);
  if (key !== undefined) {
    const header = (operation.idempotency?.header ?? IDEMPOTENCY_HEADER).toLowerCase();
    request.headers[header] = key;
    // Another API must not be able to repeat the call in our name.
    request.secretHeaders.add(header);
  }
  return key;
}

export function errorSource({ client, operation }: Work, secrets: () => Secrets): ErrorSource {
  return {
    call: `${client.connector.id} ${operation.id}`,
    errors: client.connector.errors,
    rules: operation.errors,
    idempotent: !(operation.method === "POST" || operation.method === "PATCH") ||
      (operation.policy?.idempotent ?? false),
    secrets,
  };
}

async function failure(work: Work, { reply, request }: Exchange): Promise<Error> {
  // A body that is cut off or has no end must not hide what the status has said already.
  let text = "";
  try {
    text = await readText(reply.body, work.client.maxResponseBytes);
  } catch (error) {
    if (work.options.signal?.aborted) throw error;
  }
  const body = lenientJson(text);
  const source = errorSource(work, secretsIn(work, request));
  return apiError(source, reply, body, matchRule(source, reply, body));
}

/** The value of a successful answer, or the error that its body turns out to be; a promise where it has to come yet. */
export function decode(work: Work, exchange: Exchange): unknown {
  const { client: { maxResponseBytes }, operation } = work;
  const secrets = secretsIn(work, exchange.request);
  const redact = (text: string): string => secrets().redact(text);
  const shown = (error: unknown): never => {
    throw shownError(work, secrets(), error);
  };
  const valueOf = (reply: CallReply): unknown =>
    chain(operation.result(reply, maxResponseBytes, redact), (value) => {
      const found = operation.select ? select(operation.select, value) : value;
      return operation.onResponse ? operation.onResponse(found, reply) : found;
    });
  try {
    const judged = operation.judge?.(errorSource(work, secrets), exchange.reply, maxResponseBytes);
    const value = chain(judged ?? exchange.reply, valueOf);
    return value instanceof Promise ? value.catch(shown) : value;
  } catch (error) {
    return shown(error);
  }
}
