/** Checks whether the tenant may make the call, and where it may connect. Redirects and retries check again. */
import { ConnectorError } from "../../core/errors.ts";
import type { ParsedUrl } from "../call.ts";
import type { Stage } from "../stage.ts";

export const authorize: Stage = (call, next) => {
  const { tenant, request } = call;
  tenant.check(request);
  // `validate` comes first and has parsed the URL.
  const { url } = call.target as ParsedUrl;
  if (call.asked?.local) {
    tenant.checkHop(request, url, request.method);
    return next(call);
  }
  const admitted = tenant.admit(request, url, request.method, call.signal);
  if (!(admitted instanceof Promise)) {
    call.addresses = admitted;
    return next(call);
  }
  return admitted.then((addresses) => {
    call.addresses = addresses;
    return next(call);
  }, (error: unknown) => {
    // A name that cannot be resolved is a failed attempt like any other: it may be retried, and counts in the breaker.
    if (!(error instanceof ConnectorError) || error.origin !== "upstream") throw error;
    call.unresolved = error;
    return next(call);
  });
};
