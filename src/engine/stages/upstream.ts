/** The innermost stage: one request to the outside, with its redirects. */
import type { Body, CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { Upstream, UpstreamRequest, UpstreamResponse } from "../../core/platform.ts";
import type { PinnedAddress } from "../../core/rules/pinned_address.ts";
import { forCall } from "../../http/classify.ts";
import { outgoingHeaders } from "../../http/headers.ts";
import { type Hop, isRedirect, nextHop, tooManyRedirects } from "../../http/redirect.ts";
import { checkMethod } from "../../http/syntax.ts";
import { guardRequestBody } from "../body.ts";
import { type FirstByte, firstByte } from "../first_byte.ts";
import { nextAddresses } from "../next_addresses.ts";
import { type Credentials, sign } from "../credentials/insert.ts";
import type { Credential } from "../credentials/credential.ts";
import type { ResolvedOptions } from "../options.ts";
import { hinted } from "../times.ts";
import { createUploads } from "../retry/uploads.ts";
import { isRepeatable } from "../retry/retry_rules.ts";
import type { ActiveCall, ParsedUrl } from "../call.ts";
import type { Next } from "../stage.ts";
import type { Timers } from "../timers.ts";

export interface UpstreamStageDeps {
  readonly upstream: () => Upstream | Promise<Upstream>;
  readonly credentials: Credentials;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly timers: Timers;
}

type UploadOf = ReturnType<typeof createUploads>;

/** One attempt on its way from hop to hop. */
interface Trip {
  readonly upstream: Upstream;
  readonly call: ActiveCall;
  readonly maxRedirects: number;
  /** Added hop by hop while the call stays at their origin, so that nothing stored about the call contains them. */
  readonly own: readonly Credential[] | undefined;
  readonly watch: FirstByte | undefined;
  hop: Hop;
  addresses: readonly PinnedAddress[] | undefined;
}

export function upstreamStage(deps: UpstreamStageDeps): Next {
  const { credentials, options, clock, timers } = deps;
  const upload = createUploads(options.retry);

  function run(call: ActiveCall): PromiseLike<CallReply> {
    const opened = deps.upstream();
    const admitted = nextAddresses(call);
    // Nearly always both are there, and the attempt costs one promise.
    return opened instanceof Promise || admitted instanceof Promise
      ? Promise.all([opened, admitted]).then(([upstream, found]) => go(call, upstream, found))
      : go(call, opened, admitted);
  }

  function go(
    call: ActiveCall,
    upstream: Upstream,
    addresses: Trip["addresses"],
  ): PromiseLike<CallReply> {
    const { request, tenant } = call;
    const method = checkMethod(request.method);
    const { url } = call.target as ParsedUrl;
    const hop: Hop = { url, method, headers: request.headers, body: bodyOf(call, method, upload) };
    if (request.body instanceof Uint8Array) call.bytesOut += request.body.byteLength;
    call.elsewhere = false;
    const trip: Trip = {
      upstream,
      call,
      maxRedirects: hinted("maxRedirects", request.policy, tenant.times),
      own: credentials.of(request, url),
      watch: firstByte(call, timers),
      hop,
      addresses,
    };
    try {
      return exchange(trip).then(
        (response) => landed(trip, response),
        (error: unknown) => {
          throw failed(trip, error);
        },
      );
    } catch (error) {
      throw failed(trip, error);
    }
  }

  function landed(trip: Trip, response: UpstreamResponse): CallReply | PromiseLike<CallReply> {
    try {
      const next = nextOf(trip, response);
      return next === undefined ? answered(trip, response, 0) : follow(trip, response, next);
    } catch (error) {
      throw failed(trip, error);
    }
  }

  // Added hop by hop while the call stays at their origin, so that nothing stored about the call contains them.
  async function follow(trip: Trip, redirect: UpstreamResponse, first: Hop): Promise<CallReply> {
    const { call, maxRedirects } = trip;
    let response = redirect;
    let next: Hop | undefined = first;
    try {
      for (let redirects = 0;; redirects++) {
        if (next === undefined) return answered(trip, response, redirects);
        if (!(response.body instanceof Uint8Array)) response.body.cancel().catch(() => {});
        if (redirects >= maxRedirects) throw tooManyRedirects(maxRedirects, next.url);
        trip.addresses = await call.tenant.admit(call.request, next.url, next.method, call.signal);
        if (next.url.origin !== trip.hop.url.origin) call.elsewhere = true;
        trip.hop = next;
        response = await exchange(trip);
        next = nextOf(trip, response);
      }
    } catch (error) {
      throw failed(trip, error);
    }
  }

  function nextOf(
    { hop, maxRedirects, call }: Trip,
    { status, headers }: UpstreamResponse,
  ): Hop | undefined {
    if (!isRedirect(status) || maxRedirects === 0) return undefined;
    const { upload, request } = call;
    const again = upload?.repeatable ? () => guardRequestBody(call, upload.open()) : undefined;
    return nextHop(hop, status, headers, request.policy?.secretHeaders, again);
  }

  function answered(trip: Trip, response: UpstreamResponse, redirects: number): CallReply {
    trip.watch?.cancel();
    const answer = reply(trip.call, response, redirects > 0 ? trip.hop.url : undefined);
    return trip.own === undefined ? answer : withoutSecrets(answer);
  }

  function failed({ watch, own, call }: Trip, error: unknown): unknown {
    watch?.cancel();
    if (watch?.signal.aborted) return watch.signal.reason;
    const shown = own === undefined ? error : credentials.secrets.clean(error);
    return shown instanceof ConnectorError
      ? forCall(shown, isRepeatable(call.request, options.retry.limits))
      : shown;
  }

  /** One hop, at the first address that accepts a connection. */
  function exchange(trip: Trip): PromiseLike<UpstreamResponse> {
    const { upstream, call, hop, addresses, own, watch } = trip;
    const { url, headers } = own === undefined || call.elsewhere
      ? hop
      : sign(own, hop.url, hop.headers);
    const request: UpstreamRequest = {
      method: hop.method,
      url,
      pinned: addresses?.[0],
      headers: outgoingHeaders(headers, url, hop.body),
      body: hop.body,
      signal: watch?.signal ?? call.signal,
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
    first: PromiseLike<UpstreamResponse>,
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

  function reply(
    call: ActiveCall,
    { status, headers, body }: UpstreamResponse,
    redirectedTo: URL | undefined,
  ): CallReply {
    call.sent = "committed";
    call.status = status;
    const answer: CallReply = {
      requestId: call.id,
      status,
      headers,
      body,
      attempts: call.attempts,
      durationUs: Math.round((clock.monotonic() - call.startedAt) * 1000),
      waitedUs: Math.round(call.waitedMs * 1_000),
      queuedUs: Math.round(call.queuedMs * 1_000),
    };
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

function bodyOf(call: ActiveCall, method: string, upload: UploadOf): Body {
  // An empty body counts as none only if declared; `validate` lets nothing else through.
  if (method === "GET" || method === "HEAD") return null;
  const { body } = call.request;
  if (!(body instanceof ReadableStream)) return body;
  call.upload ??= upload(call, body);
  return guardRequestBody(call, call.upload.open());
}
