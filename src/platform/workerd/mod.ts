/** workerd: HTTP over its fetch, which blocks private addresses by itself. Bindings belong to the environment, not to us. */
import type { Platform } from "../../core/platform.ts";
import { createFetchUpstream } from "../shared/fetch_upstream.ts";
import { decoded, isDecoded } from "./decode.ts";
import { noSockets } from "../../transport/failures.ts";

export const platform: Platform = {
  name: "workerd",
  dial: (address) => Promise.reject(noSockets("workerd", address)),
  createUpstream: (options) =>
    Promise.resolve(createFetchUpstream(options, { isDecoded, decoded })),
  // workerd fills process.env from bindings with nodejs_compat; without it there is no process.
  env: (name) =>
    (globalThis as { process?: { env?: Record<string, string> } }).process?.env?.[name],
};
