/** Deno: upstream HTTP over its own sockets, those of clients over node:net. */
import type { Platform } from "../../core/platform.ts";

/** What of Deno is used; its types are not at hand where the sources are checked for every runtime. */
interface DenoEnv {
  readonly env: { get(name: string): string | undefined };
  readonly permissions: {
    querySync(what: { name: "env"; variable: string }): { state: string };
  };
}

export const platform: Platform = {
  name: "deno",
  dial: async (address, handlers, options) =>
    (await import("../shared/node_dial.ts")).dialNode(address, handlers, options),
  createUpstream: async (options) => (await import("./upstream.ts")).createUpstream(options),
  env(name) {
    const { Deno } = globalThis as unknown as { Deno: DenoEnv };
    // Asking for a variable that may not be read would stop and ask the user.
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? Deno.env.get(name) : undefined;
  },
};
