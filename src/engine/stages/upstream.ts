/** The innermost stage: one request to the outside, with its redirects. */
import type { CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { PinnedAddress, Upstream, UpstreamResponse } from "../../core/platform.ts";
import { classifyFailure } from "../../http/classify.ts";
import type { EgressGuard } from "../../http/egress.ts";
import { outgoingHeaders } from "../../http/headers.ts";
import { type Hop, isRedirect, nextHop, tooManyRedirects } from "../../http/redirect.ts";
import { checkMethod } from "../../http/syntax.ts";
import { guardRequestBody } from "../body.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Call, Next } from "../stage.ts";
import type { Timers } from "../timers.ts";

export interface UpstreamStageDeps {
  readonly upstream: () => Upstream | Promise<Upstream>;
  readonly guard: EgressGuard;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly timers: Timers;
}

export function upstreamStage(deps: UpstreamStageDeps): Next {
  const { guard, options, clock, timers } = deps;

  /** One hop: the first address that accepts a connection. */
  async function exchange(
    call: Call,
    hop: Hop,
    addresses: readonly PinnedAddress[] | undefined,
  ): Promise<UpstreamResponse> {
    const upstream = deps.upstream();
    const ready = upstream instanceof Promise ? await upstream : upstream;
    const request = {
      method: hop.method,
      url: hop.url,
      headers: outgoingHeaders(hop.headers, hop.url, hop.body),
      body: hop.body,
      signal: call.signal,
      connectTimeoutMs: call.policy?.connectTimeoutMs ?? options.connectTimeoutMs,
    };
    call.sent = "maybe";
    const last = addresses === undefined ? 0 : addresses.length - 1;
    for (let i = 0;; i++) {
      try {
        return await ready.exchange(addresses ? { ...request, pinned: addresses[i] } : request);
      } catch (error) {
        if (call.signal.aborted) throw call.signal.reason;
        const failure = classifyFailure(error, {
          phase: "head",
          passedOn: false,
          peer: hop.url.host,
        });
        if (failure.sent !== "no" || i >= last || hop.body instanceof ReadableStream) throw failure;
      }
    }
  }

  async function run(call: Call): Promise<CallReply> {
    const secret = call.policy?.secretHeaders;
    const maxRedirects = call.policy?.maxRedirects ?? options.maxRedirects;
    let hop: Hop = {
      url: call.target as URL,
      method: checkMethod(call.method),
      headers: call.headers,
      body: call.body instanceof ReadableStream ? guardRequestBody(call, call.body) : call.body,
    };
    let addresses = call.addresses;
    if (call.body instanceof Uint8Array) call.bytesOut += call.body.byteLength;
    const release = firstByte(call);
    call.attempts++;
    try {
      for (let redirects = 0;; redirects++) {
        const response = await exchange(call, hop, addresses);
        const next = maxRedirects > 0 && isRedirect(response.status)
          ? nextHop(hop, response.status, response.headers, secret)
          : undefined;
        if (next === undefined) {
          call.sent = "committed";
          call.status = response.status;
          return reply(call, response);
        }
        if (!(response.body instanceof Uint8Array)) response.body.cancel().catch(() => {});
        if (redirects >= maxRedirects) throw tooManyRedirects(maxRedirects, next.url);
        addresses = await guard.admit(next.url, call.signal);
        hop = next;
      }
    } finally {
      release?.();
    }
  }

  function firstByte(call: Call): (() => void) | undefined {
    const limit = call.policy?.firstByteTimeoutMs ?? options.firstByteTimeoutMs;
    // The deadline comes first anyway: nothing to watch.
    if (limit >= call.deadlineAt - clock.monotonic()) return undefined;
    const timeout = timers.after(limit, () => call.abort(noFirstByte(call, limit)));
    return () => timeout.cancel();
  }

  function reply(call: Call, { status, headers, body }: UpstreamResponse): CallReply {
    return {
      requestId: call.id,
      status,
      headers,
      body,
      attempts: call.attempts,
      durationUs: Math.round((clock.monotonic() - call.startedAt) * 1000),
    };
  }

  return run;
}

function noFirstByte(call: Call, ms: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "timeout.first_byte",
    message: `${call.target?.host ?? "the upstream"} did not begin to answer within ${ms} ms`,
    origin: "upstream",
    sent: "maybe",
  });
}
