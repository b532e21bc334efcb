/** What travels with a request through the routes of the worker. */
import type { Context } from "hono";
import type { Served } from "./served.ts";

export interface WorkerEnv {
  /** Whatever the host hands over beside the request: on workerd the bindings. */
  Bindings: object;
  Variables: {
    requestId: string;
    /** The connectors, as they are configured for the bindings of this request. */
    served: Served;
  };
}

export type Incoming = Context<WorkerEnv>;
