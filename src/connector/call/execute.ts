/** One exchange: request, auth, runtime, and the errors that an answer stands for. */
import type { CallReply } from "../../core/call.ts";
import { IDEMPOTENCY_HEADER } from "../../core/call_headers.ts";
import { chain } from "../../core/chain.ts";
import { lenientJson } from "../../core/rules/answer_rule.ts";
import { apiError, bodyOf, matchRule } from "../answer/api_error.ts";
import { buildRequest } from "../request/build_request.ts";
import type { CallOptions } from "../data/options.ts";
import { readText } from "../answer/read_body.ts";
import { select } from "../../sse/mod.ts";
import type { OperationData } from "../data/operation.ts";
import type { Observed } from "../data/observe.ts";
import type { Exchange, OutgoingRequest } from "../data/request.ts";
import { errorSource, secretsIn, shownError, type Work } from "./work.ts";
import { attempt, timeBudget, type Unsigned } from "./attempt.ts";

/** Resolves for answers that are not failures by status, bodies still unread; synchronously where nothing has to be awaited. */
export function send(work: Work): Promise<Exchange> {
  const { operation, client, input, options } = work;
  const watched = operation.usage?.(client.connector.id, operation.id, input, options);
  return watched === undefined ? sendNow(work) : watched.then((by) => sendWatched(work, by));
}

async function sendWatched(work: Work, observed: Observed | undefined): Promise<Exchange> {
  if (observed === undefined) return await sendNow(work);
  const { traceparent = work.options.traceparent } = observed;
  try {
    return { ...await sendNow({ ...work, options: { ...work.options, traceparent } }), observed };
  } catch (error) {
    observed.end(error);
    throw error;
  }
}

function sendNow(work: Work): Promise<Exchange> {
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
    const steps = home && client.options.credentials !== "runtime" ? all : [];
    const tenantId = options.tenantId ?? client.options.tenantId ?? "";
    const unsigned = { request, home, steps, tenantId, key, time: timeBudget(work) };
    return attempt(work, unsigned).then((exchange) => {
      const { status } = exchange.reply;
      return status < 300 || status === 304 ? exchange : turnedDown(work, unsigned, exchange);
    });
  };
  // A hook has access to the configured secrets, so it does not see requests to other origins.
  if (!home || !onRequest) return sendIt();
  return chain(onRequest(request, work.input, client.config), sendIt) as Promise<Exchange>;
}

/** Tries once more with different credentials if there are any; else throws the error for the status. */
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
    // Another API must not be able to repeat the call on our behalf.
    request.secretHeaders.add(header);
  }
  return key;
}

async function failure(work: Work, { reply, request }: Exchange): Promise<Error> {
  // A body that is cut off or endless must not hide what the status already says.
  let text = "";
  try {
    text = await readText(reply.body, work.client.maxResponseBytes);
  } catch (error) {
    if (work.options.signal?.aborted) throw error;
  }
  const body = lenientJson(text);
  const source = errorSource(work, secretsIn(work, request));
  const rule = matchRule(source, reply, body);
  return apiError(source, reply, bodyOf(source, rule, text, body), rule);
}

/** The value of a successful answer; throws if its body turns out to be an error. A promise if the body has not arrived yet. */
export function decode(work: Work, exchange: Exchange): unknown {
  const { observed } = exchange;
  if (observed === undefined) return decodeNow(work, exchange);
  return watchedValue(observed, () => decodeNow(work, exchange));
}

async function watchedValue(observed: Observed, value: () => unknown): Promise<unknown> {
  try {
    const found = await value();
    observed.see(found);
    observed.end();
    return found;
  } catch (error) {
    observed.end(error);
    throw error;
  }
}

function decodeNow(work: Work, exchange: Exchange): unknown {
  const { client: { maxResponseBytes }, operation } = work;
  const secrets = secretsIn(work, exchange.request);
  const redact = (text: string): string => secrets().redact(text);
  const shown = (error: unknown): never => {
    throw shownError(work, secrets(), error);
  };
  const valueOf = (reply: CallReply): unknown =>
    chain(operation.result(reply, maxResponseBytes, redact, operation.json), (value) => {
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
