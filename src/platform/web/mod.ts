/** Browsers and anything else with the standard fetch: HTTP only, no sockets, no environment. */
import type { Platform } from "../../core/platform.ts";
import { createFetchUpstream } from "../shared/fetch_upstream.ts";
import { noSockets } from "../../transport/failures.ts";

export const platform: Platform = {
  name: "web",
  dial: (address) => Promise.reject(noSockets("this runtime", address)),
  createUpstream: (options) => Promise.resolve(createFetchUpstream(options)),
  env: () => undefined,
};
