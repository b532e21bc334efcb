/** One signed request through the runtime. */
import type { CallPolicy, HeaderList } from "../../core/call.ts";
import { chain } from "../../core/chain.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { attemptsOf } from "../../core/check_number.ts";
import type { RetryRule } from "../../core/policy.ts";
import type { ErrorRuleData } from "../data/errors.ts";
import type { Keep } from "../../core/rules/keep.ts";
import { demand } from "../auth/demand.ts";
import { positive } from "./client.ts";
import type { CallOptions } from "../data/options.ts";
import { headerBag, setHeaders } from "../request/outgoing.ts";
import { leaveSecretsAtHome, noteCredentials } from "../request/secret_headers.ts";
import type { OperationData } from "../data/operation.ts";
import type { AuthStep, ConnectorData } from "../data/connector.ts";
import type { Exchange, OutgoingRequest } from "../data/request.ts";
import { secretsIn, shownError, type Work } from "./work.ts";

export interface Unsigned {
  readonly request: OutgoingRequest;
  /** False for a next page on another origin than the API. */
  readonly home: boolean;
  readonly steps: readonly AuthStep[];
  readonly tenantId: string;
  readonly key: string | undefined;
  readonly time: TimeBudget;
}

/** Signs a copy, so that the next attempt starts from the unsigned request. */
export function attempt(work: Work, unsigned: Unsigned): Promise<Exchange> {
  const { request: before } = unsigned;
  const request = {
    ...before,
    headers: Object.assign(headerBag(), before.headers),
    secretHeaders: new Set(before.secretHeaders),
    secrets: [...before.secrets],
  };
  return chain(sign(work, unsigned, request), (left) => transmit(work, unsigned, request, left));
}

/** Runs the steps from `first` on, waiting for those that are asynchronous. Returns what is left of the call's time. */
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
    const step = steps[at] as AuthStep;
    demand(step, work.client);
    const signing = step.apply(request, work.client, tenantId, limits);
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
  // The caller's headers override everything, credentials included.
  setHeaders(request.headers, options.headers);
  noteCredentials(request, own.headers);
  noteCredentials(request, options.headers);
  if (!home) leaveSecretsAtHome(request);
  const policy = basePolicy(work);
  const { onReply, ...kept } = options.keep ?? {};
  const keep = options.keep && kept as Keep;
  if (client.runtime.ignores !== undefined) warnOnce(work, client.runtime.ignores);
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
      freshKey: key !== undefined && options.idempotencyKey === undefined ? true : undefined,
      onRetry: options.onRetry ?? own.onRetry,
      keep,
      policy: callPolicy(policy, request, options),
    }).then((reply) => ({ reply: onReply?.(reply) ?? reply, request }), shown);
  } catch (error) {
    return shown(error);
  }
}

const WARNED = {};

/** What has no effect is said, once for each client. */
function warnOnce(work: Work, ignored: readonly (keyof CallPolicy)[]): void {
  const { client, options } = work;
  if (client.kept.has(WARNED)) return;
  const declared = policyOf(work);
  const parts = [
    ...ignored.filter((part) => declared[part] !== undefined).map((part) => `policy.${part}`),
    ...(["retries", "hedgeAfterMs"] as const).filter((name) => options[name] !== undefined),
  ];
  if (parts.length === 0) return;
  client.kept.set(WARNED, true);
  (client.options.logger ?? console).warn(
    `${client.connector.id}: no effect with this runtime: ${parts.join(", ")}; ` +
      "make the calls through a RuntimeClient if that matters",
  );
}

/** Milliseconds; undefined if the runtime's own limit applies. */
type TimeLeft = number | undefined;

interface TimeBudget {
  /**
   * Counted from the first time it is read. Throws `deadline.exceeded` when nothing is left.
   */
  left(): TimeLeft;
}

/** Time spent on credentials or on a refused first attempt counts against the call. */
export function timeBudget(work: Work): TimeBudget {
  const { client, options } = work;
  const timeoutMs = positive("timeoutMs", options.timeoutMs) ?? client.options.timeoutMs ??
    policyOf(work).timeoutMs;
  if (timeoutMs === undefined) return { left: () => undefined };
  const clock = client.options.clock;
  const now = (): number => clock ? clock.monotonic() : performance.now();
  let started: number | undefined;
  return {
    left() {
      if (started === undefined) {
        started = now();
        return timeoutMs;
      }
      const left = timeoutMs - Math.floor(now() - started);
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

/** As the spec says, put together once: it is the same for all calls of an operation. */
function basePolicy(work: Work): CallPolicy {
  const { operation, client: { connector } } = work;
  let bases = BASE_POLICIES.get(connector);
  if (bases === undefined) BASE_POLICIES.set(connector, bases = new WeakMap());
  let base = bases.get(operation);
  if (base === undefined) {
    const { timeoutMs: _, ...policy } = policyOf(work);
    const rules = retryRules([...operation.errors ?? [], ...connector.errors.rules ?? []]);
    base = rules === undefined ? policy : { ...policy, retry: { ...policy.retry, rules } };
    bases.set(operation, base);
  }
  return base;
}

const BASE_POLICIES = new WeakMap<ConnectorData, WeakMap<OperationData, CallPolicy>>();

/** What error rules say about retries; undefined where they leave everything to the status. */
function retryRules(rules: readonly ErrorRuleData[]): readonly RetryRule[] | undefined {
  const last = rules.findLastIndex(({ retry }) => retry !== undefined);
  if (last === -1) return undefined;
  return rules.slice(0, last + 1).map((
    { status, body, headers, retry = "default" as const },
  ): RetryRule => ({ status, body, headers, retry }));
}

function callPolicy(
  policy: CallPolicy,
  request: OutgoingRequest,
  options: CallOptions,
): CallPolicy {
  const secretHeaders = [...request.secretHeaders];
  const hedgeAfterMs = positive("hedgeAfterMs", options.hedgeAfterMs);
  return {
    ...policy,
    ...(secretHeaders.length > 0 && { secretHeaders }),
    ...(options.retries !== undefined &&
      { retry: { ...policy.retry, attempts: attemptsOf("config.invalid", options.retries) } }),
    ...(hedgeAfterMs !== undefined && { hedge: { ...policy.hedge, afterMs: hedgeAfterMs } }),
  };
}
