/** The innermost stage: one request to the outside, with its redirects. */
import type { Body, CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type {
  PinnedAddress,
  Upstream,
  UpstreamRequest,
  UpstreamResponse,
} from "../../core/platform.ts";
import { forCall } from "../../http/classify.ts";
import { outgoingHeaders } from "../../http/headers.ts";
import { type Hop, isRedirect, nextHop, tooManyRedirects } from "../../http/redirect.ts";
import { checkMethod } from "../../http/syntax.ts";
import { guardRequestBody } from "../body.ts";
import { type Credentials, sign } from "../credentials/insert.ts";
import type { Credential } from "../credentials/credential.ts";
import type { ResolvedOptions } from "../options.ts";
import { hinted } from "../times.ts";
import { isRepeatable } from "../retry/retry_rules.ts";
import type { ActiveCall } from "../call.ts";
import type { TenantPolicy } from "../tenancy/tenant.ts";
import type { Next } from "../stage.ts";
import type { Timers } from "../timers.ts";

export interface UpstreamStageDeps {
  readonly upstream: () => Upstream | Promise<Upstream>;
  readonly credentials: Credentials;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly timers: Timers;
}

interface FirstByte {
  readonly signal: AbortSignal;
  cancel(): void;
}

export function upstreamStage(deps: UpstreamStageDeps): Next {
  const { credentials, options, clock, timers } = deps;

  async function run(call: ActiveCall): Promise<CallReply> {
    const opened = deps.upstream();
    const upstream = opened instanceof Promise ? await opened : opened;
    const maxRedirects = hinted("maxRedirects", call.request.policy, call.tenant.times);
    const admitted = addressesFor(call);
    let addresses = admitted instanceof Promise ? await admitted : admitted;
    const method = checkMethod(call.request.method);
    let hop: Hop = {
      url: call.target as URL,
      method,
      headers: call.request.headers,
      body: bodyOf(call, method),
    };
    if (call.request.body instanceof Uint8Array) call.bytesOut += call.request.body.byteLength;
    call.elsewhere = false;
    // Added hop by hop while the call stays at their origin, so that nothing stored about the call contains them.
    const own = credentials.of(call.request, hop.url);
    const watch = firstByte(call);
    try {
      for (let redirects = 0;; redirects++) {
        const response = await exchange(
          upstream,
          call,
          hop,
          addresses,
          watch?.signal,
          call.elsewhere ? undefined : own,
        );
        const next = isRedirect(response.status) && maxRedirects > 0
          ? nextHop(hop, response.status, response.headers, call.request.policy?.secretHeaders)
          : undefined;
        if (next === undefined) {
          const answer = reply(call, response, redirects > 0 ? hop.url : undefined);
          return own === undefined ? answer : withoutSecrets(answer);
        }
        if (!(response.body instanceof Uint8Array)) response.body.cancel().catch(() => {});
        if (redirects >= maxRedirects) throw tooManyRedirects(maxRedirects, next.url);
        addresses = await call.tenant.admit(call.request, next.url, next.method, call.signal);
        if (next.url.origin !== hop.url.origin) call.elsewhere = true;
        hop = next;
      }
    } catch (error) {
      if (watch?.signal.aborted) throw watch.signal.reason;
      const shown = own === undefined ? error : credentials.secrets.clean(error);
      throw shown instanceof ConnectorError
        ? forCall(shown, isRepeatable(call.request, options.retry.limits))
        : shown;
    } finally {
      watch?.cancel();
    }
  }

  /** The addresses from `authorize` for the first attempt. Later ones resolve again: a host that failed may have moved. */
  function addressesFor(call: ActiveCall): ReturnType<TenantPolicy["admit"]> {
    const { unresolved, request, tenant } = call;
    if (++call.attempts > 1) {
      return tenant.admit(request, call.target as URL, request.method, call.signal);
    }
    if (unresolved !== undefined) throw unresolved;
    return call.addresses;
  }

  /** One hop, at the first address that accepts a connection. */
  function exchange(
    upstream: Upstream,
    call: ActiveCall,
    hop: Hop,
    addresses: readonly PinnedAddress[] | undefined,
    signal: AbortSignal | undefined,
    own: readonly Credential[] | undefined,
  ): Promise<UpstreamResponse> {
    const { url, headers } = own === undefined ? hop : sign(own, hop.url, hop.headers);
    const request: UpstreamRequest = {
      method: hop.method,
      url,
      pinned: addresses?.[0],
      headers: outgoingHeaders(headers, url, hop.body),
      body: hop.body,
      signal: signal ?? call.signal,
      connectTimeoutMs: hinted("connectTimeoutMs", call.request.policy, call.tenant.times),
    };
    call.sent = "maybe";
    const first = upstream.exchange(request);
    return addresses && addresses.length > 1
      ? elsewhere(upstream, request, addresses, first)
      : first;
  }

  async function elsewhere(
    upstream: Upstream,
    request: UpstreamRequest,
    addresses: readonly PinnedAddress[],
    first: Promise<UpstreamResponse>,
  ): Promise<UpstreamResponse> {
    let attempt = first;
    for (let i = 1;; i++) {
      try {
        return await attempt;
      } catch (error) {
        const connectFailed = error instanceof ConnectorError && error.sent === "no" &&
          error.errorClass === ErrorClass.Transient;
        const again = connectFailed && i < addresses.length && !request.signal.aborted &&
          !(request.body instanceof ReadableStream);
        if (!again) throw error;
        attempt = upstream.exchange({ ...request, pinned: addresses[i] });
      }
    }
  }

  /** The time until the response head, and the signal of an attempt that may end before its call does. */
  function firstByte(call: ActiveCall): FirstByte | undefined {
    const limit = hinted("firstByteTimeoutMs", call.request.policy, call.tenant.times);
    // The deadline comes first anyway: nothing to watch.
    if (limit >= call.timeoutMs) return undefined;
    const attempt = new AbortController();
    const timeout = timers.after(limit, () => attempt.abort(noFirstByte(call, limit)));
    if (call.signal.aborted) attempt.abort(call.signal.reason);
    else call.signal.addEventListener("abort", () => attempt.abort(call.signal.reason));
    return { signal: attempt.signal, cancel: () => timeout.cancel() };
  }

  function reply(
    call: ActiveCall,
    { status, headers, body }: UpstreamResponse,
    redirectedTo: URL | undefined,
  ): CallReply {
    call.sent = "committed";
    call.status = status;
    const durationUs = Math.round((clock.monotonic() - call.startedAt) * 1000);
    const { id: requestId, attempts } = call;
    const { waitedUs, queuedUs } = call.waits();
    const figures = { attempts, durationUs, waitedUs, queuedUs };
    const answer: CallReply = { requestId, status, headers, body, ...figures };
    return redirectedTo === undefined
      ? answer
      // A hop's URL has no user name: such a Location is not followed.
      : { ...answer, url: redirectedTo.href.split("#", 1)[0] ?? "" };
  }

  /** APIs repeat parts of requests, for example in a Location; the caller does not know the secret, and must not learn it. */
  function withoutSecrets(answer: CallReply): CallReply {
    const { secrets } = credentials;
    const headers = secrets.clean(answer.headers);
    return answer.url === undefined
      ? { ...answer, headers }
      : { ...answer, headers, url: secrets.redact(answer.url) };
  }

  return run;
}

function bodyOf(call: ActiveCall, method: string): Body {
  // An empty body counts as none only if declared; `validate` lets nothing else through.
  if (method === "GET" || method === "HEAD") return null;
  return call.request.body instanceof ReadableStream
    ? guardRequestBody(call, call.request.body)
    : call.request.body;
}

function noFirstByte(call: ActiveCall, ms: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "timeout.first_byte",
    message: `${call.target?.host ?? "the upstream"} did not begin to answer within ${ms} ms`,
    origin: "upstream",
    sent: "maybe",
  });
}
