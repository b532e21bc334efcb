/** One exchange: request, auth, runtime, and the errors that an answer means. */
import type { CallPolicy, CallReply, HeaderList } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";
import { apiError, type ErrorSource, judgesSuccess, matchRule } from "./api_error.ts";
import type { AuthStep } from "./auth.ts";
import { buildRequest, checkInput, type Input } from "./build_request.ts";
import { ConnectorClient, type Context, positive } from "./context.ts";
import type { CallOptions } from "./options.ts";
import { type OutgoingRequest, setHeaders } from "./outgoing.ts";
import { discard, readBytes, readText } from "./read_body.ts";
import { select } from "../sse/mod.ts";
import type { OperationSpec } from "./spec.ts";

export interface Exchange {
  readonly reply: CallReply;
  /** As it was sent. */
  readonly request: OutgoingRequest;
}

/** A call that has not been made yet. */
export interface Plan {
  readonly context: Context;
  readonly spec: OperationSpec;
  readonly input: Input;
  readonly options: CallOptions;
  /** In place of the built URL, for the next page. Auth stays at home: it is left out for another origin. */
  readonly url?: string;
}

export function plan(
  client: ConnectorClient,
  spec: OperationSpec,
  input: unknown,
  options: CallOptions = {},
): Plan {
  return {
    context: ConnectorClient.contextOf(client),
    spec,
    input: checkInput(spec.id, input),
    options,
  };
}

/** Resolves for answers that are no failure by status; their bodies are still unread. */
export async function send(work: Plan): Promise<Exchange> {
  const { context, spec, options } = work;
  const request = await buildRequest(context, spec, work.input, options);
  const home = work.url === undefined || new URL(work.url).origin === new URL(request.url).origin;
  if (work.url !== undefined) request.url = work.url;
  if (spec.onRequest !== undefined) await spec.onRequest(request, work.input, context.config);
  const key = idempotencyKey(spec, options, request);
  const steps = home ? spec.auth ?? context.spec.auth ?? [] : [];
  const unsigned = { url: request.url, headers: { ...request.headers } };
  let reply = await attempt(work, request, steps, key);
  if (reply.status === 401 && canRepeat(request) && (await renew(steps, request, work))) {
    discard(reply.body);
    request.url = unsigned.url;
    for (const name of Object.keys(request.headers)) delete request.headers[name];
    Object.assign(request.headers, unsigned.headers);
    reply = await attempt(work, request, steps, key);
  }
  if (reply.status >= 300 && reply.status !== 304) throw await failure(work, reply);
  return { reply, request };
}

async function attempt(
  work: Plan,
  request: OutgoingRequest,
  steps: readonly AuthStep[],
  key: string | undefined,
): Promise<CallReply> {
  const { context, spec, options } = work;
  for (const step of steps) {
    const signing = step.apply(request, context, tenantOf(work));
    if (signing instanceof Promise) await signing;
  }
  // What the caller says goes above everything, credentials included.
  setHeaders(request.headers, options.headers);
  const policy = spec.policy ?? context.spec.policy ?? {};
  return context.runtime.call({
    method: request.method,
    url: request.url,
    headers: Object.entries(request.headers) as HeaderList,
    body: request.body,
    connector: context.spec.id,
    operation: spec.id,
    timeoutMs: timeoutOf(options.timeoutMs) ?? context.options.timeoutMs ?? policy.timeoutMs,
    tenantId: options.tenantId ?? context.options.tenantId,
    workspaceId: options.workspaceId ?? context.options.workspaceId,
    traceId: options.traceId,
    traceparent: options.traceparent,
    signal: options.signal,
    idempotencyKey: key,
    policy: callPolicy(policy, request, options),
  });
}

function timeoutOf(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined ? undefined : positive("timeoutMs", timeoutMs);
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
      : { retry: { ...policy.retry, attempts: attemptsOf(options.retries) } }),
  };
}

function attemptsOf(retries: number): number {
  if (Number.isInteger(retries) && retries >= 0) return retries + 1;
  throw invalidRequest("config.invalid", `retries is ${retries}: give a whole number from 0 on`);
}

function idempotencyKey(
  spec: OperationSpec,
  options: CallOptions,
  request: OutgoingRequest,
): string | undefined {
  const key = options.idempotencyKey ??
    (spec.idempotency?.generate ? crypto.randomUUID() : undefined);
  if (key !== undefined && spec.idempotency !== undefined) {
    request.headers[spec.idempotency.header.toLowerCase()] = key;
  }
  return key;
}

/** A stream can be read once only. */
function canRepeat(request: OutgoingRequest): boolean {
  return request.body === null || request.body instanceof Uint8Array;
}

async function renew(
  steps: readonly AuthStep[],
  request: OutgoingRequest,
  work: Plan,
): Promise<boolean> {
  let renewed = false;
  for (const step of steps) {
    if (await step.renew?.(request, work.context, tenantOf(work))) renewed = true;
  }
  return renewed;
}

function tenantOf(work: Plan): string {
  return work.options.tenantId ?? work.context.options.tenantId ?? "";
}

export function errorSource({ context, spec }: Plan): ErrorSource {
  return {
    errors: context.spec.errors,
    rules: spec.errors,
    idempotent: !(spec.method === "POST" || spec.method === "PATCH") ||
      (spec.policy?.idempotent ?? false),
  };
}

async function failure(work: Plan, reply: CallReply): Promise<Error> {
  // A body that is cut off or has no end must not hide what the status has said already.
  const text = await readText(reply.body, work.context.maxResponseBytes).catch((error: unknown) => {
    if (work.options.signal?.aborted) throw error;
    return "";
  });
  const body = lenientJson(text);
  const source = errorSource(work);
  return apiError(source, reply, body, matchRule(source, reply, body));
}

function lenientJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value of a successful answer, or the error that its body turns out to be. */
export async function decode(work: Plan, reply: CallReply): Promise<unknown> {
  const { context, spec } = work;
  const source = errorSource(work);
  let value: unknown;
  if (judgesSuccess(source, reply.status)) {
    const bytes = await readBytes(reply.body, context.maxResponseBytes);
    const body = lenientJson(new TextDecoder().decode(bytes));
    const rule = matchRule(source, reply, body);
    if (rule !== undefined) throw apiError(source, reply, body, rule);
    value = await spec.result({ ...reply, body: bytes }, context.maxResponseBytes);
  } else {
    value = await spec.result(reply, context.maxResponseBytes);
  }
  if (spec.select !== undefined) value = select(spec.select, value);
  return spec.onResponse === undefined ? value : spec.onResponse(value, reply);
}
