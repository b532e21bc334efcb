/** Asks the egress policy where the call may connect to. Redirects ask again at each hop. */
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
    });
  };
}
