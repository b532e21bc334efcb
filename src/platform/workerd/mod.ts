/** workerd: HTTP over its fetch, which keeps private addresses out by itself. Bindings are the environment's, not ours. */
import type { Platform } from "../../core/platform.ts";
import { createFetchUpstream } from "../shared/fetch_upstream.ts";
import { noSockets } from "../shared/no_sockets.ts";

export const platform: Platform = {
  name: "workerd",
  dial: (address) => Promise.reject(noSockets("workerd", address)),
  createUpstream: (options) => Promise.resolve(createFetchUpstream(options)),
  // workerd fills process.env from bindings when it is asked to (nodejs_compat); without, there is no process.
  env: (name) =>
    (globalThis as { process?: { env?: Record<string, string> } }).process?.env?.[name],
};
