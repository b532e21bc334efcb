/** What travels with a request through the routes of the worker. */
import type { Context } from "hono";
import type { Caller } from "./access/caller.ts";
import type { Problem } from "./problem/problem.ts";
import type { Served } from "./served.ts";

export interface WorkerEnv {
  /** Whatever the host hands over beside the request: on workerd the bindings. */
  Bindings: object;
  Variables: {
    requestId: string;
    /** Trace context for what the request brings about: the worker's own span, or the caller's. */
    traceparent: string | undefined;
    /** The connectors, as they are configured for the bindings of this request. */
    served: Served;
    /** Who the request is from; not there on the few paths that ask nobody. */
    caller: Caller;
    /** Counts one more request of the caller, for a request that holds several; the problem is that it is one too many. */
    countAnother: () => Problem | undefined;
  };
}

export type Incoming = Context<WorkerEnv>;
