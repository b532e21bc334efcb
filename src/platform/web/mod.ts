/** Browsers and anything else with the standard fetch: HTTP only, no sockets, no environment. */
import type { Platform } from "../../core/platform.ts";
import { noSockets } from "../shared/no_sockets.ts";

export const platform: Platform = {
  name: "web",
  dial: (address) => Promise.reject(noSockets("this runtime", address)),
  createUpstream: async (options) =>
    (await import("../shared/fetch_upstream.ts")).createFetchUpstream(options),
  env: () => undefined,
};
