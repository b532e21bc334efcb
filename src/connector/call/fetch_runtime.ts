/** A runtime that only uses `fetch`: for small bundles and browsers. No egress policy, no retries, no breaker. */
import type { RuntimeCall } from "../../core/call.ts";
import { withCallHeaders } from "../../core/call_headers.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { isLater, streamGone } from "../../core/rules/keep.ts";
import { hiddenRedirect } from "../../http/redirect.ts";
import type { ConnectorRuntime } from "../data/runtime.ts";

/** Default of `timeoutMs`, as everywhere. */
const TIMEOUT_MS = 60_000;

/** `fetcher` defaults to the global `fetch`. Failures to reach the API are Transient `fetch.failed`, timeouts `deadline.exceeded`. */
export function fetchRuntime(
  fetcher: (url: string, init: RequestInit) => Promise<Response> = fetch,
): ConnectorRuntime {
  return {
    ignores: [
      "connectTimeoutMs",
      "firstByteTimeoutMs",
      "idleTimeoutMs",
      "retry",
      "hedge",
      "rateLimit",
    ],
    async call(request) {
      if (isLater(request.keep)) throw streamGone();
      const started = performance.now();
      const deadline = AbortSignal.timeout(Math.min(request.timeoutMs ?? TIMEOUT_MS, 0x7fff_ffff));
      const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
      try {
        const response = await fetcher(request.url, {
          method: request.method,
          headers: withCallHeaders(request).headers as [string, string][],
          body: request.body as BodyInit | null,
          signal,
          ...(followed(request) ? {} : { redirect: "manual" }),
          ...(request.body instanceof ReadableStream ? { duplex: "half" } : {}),
        });
        if (response.type === "opaqueredirect") throw hiddenRedirect(new URL(request.url));
        return {
          requestId: crypto.randomUUID(),
          status: response.status,
          headers: [...response.headers],
          body: response.body ?? new Uint8Array(),
          attempts: 1,
          durationUs: Math.round((performance.now() - started) * 1000),
        };
      } catch (cause) {
        throw failure(cause, request.signal, deadline);
      }
    },
  };
}

/**
 * On redirects, fetch sends the body and all headers but `authorization` to other origins. A redirect of a call with
 * other secrets is therefore returned as the answer, as it is if the policy allows no redirects.
 */
function followed({ policy }: RuntimeCall): boolean {
  return policy?.maxRedirects === undefined &&
    (policy?.secretHeaders ?? []).every((name) => name === "authorization");
}

function failure(cause: unknown, caller: AbortSignal | undefined, deadline: AbortSignal): unknown {
  if (caller?.aborted) return caller.reason;
  if (cause instanceof ConnectorError) return cause;
  const late = deadline.aborted;
  return new ConnectorError({
    errorClass: late ? ErrorClass.Timeout : ErrorClass.Transient,
    code: late ? "deadline.exceeded" : "fetch.failed",
    message: late
      ? "The API did not answer in time"
      : `The API could not be reached: ${cause instanceof Error ? cause.message : String(cause)}`,
    sent: "maybe",
    attempts: 1,
    cause,
  });
}
