/** Asks the egress policy where the call may connect to. Redirects and repeated attempts ask again. */
import { ConnectorError } from "../../core/errors.ts";
import type { EgressGuard } from "../../http/egress.ts";
import type { Stage } from "../stage.ts";

export function authorize(guard: EgressGuard): Stage {
  return (call, next) => {
    // `validate` comes first and has parsed the URL.
    const admitted = guard.admit(call.target as URL, call.signal);
    if (!(admitted instanceof Promise)) {
      call.addresses = admitted;
      return next(call);
    }
    return admitted.then((addresses) => {
      call.addresses = addresses;
      return next(call);
    }, (error: unknown) => {
      // A name that could not be resolved is a failed attempt like any other: it may be repeated, and counts in the breaker.
      if (!(error instanceof ConnectorError) || error.origin !== "upstream") throw error;
      call.unresolved = error;
      return next(call);
    });
  };
}
