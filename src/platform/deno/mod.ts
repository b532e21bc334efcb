/** Deno: upstream HTTP over its own sockets, client sockets over node:net. */
import type { Platform } from "../../core/platform.ts";

/** The part of Deno's API that is used; its types are not available when the sources are checked for every runtime. */
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
  readText: async (path) => await (await import("node:fs/promises")).readFile(path, "utf8"),
  ownsSocket: async (path) => (await import("../shared/own_socket.ts")).ownsSocket(path),
  openDaemon: async (address, options) =>
    (await import("../shared/open_daemon.ts")).openDaemon(platform, address, options),
  openPool: async (address, options) =>
    (await import("../nats/open_pool.ts")).openPool(address, options),
  createUpstream: async (options) => (await import("./upstream.ts")).createUpstream(options),
  createDatabases: async () =>
    (await import("../shared/database/drivers.ts")).createDrivers(
      async () => (await import("../shared/database/sqlite/node.ts")).openerOf(false),
    ),
  env(name) {
    const { Deno } = globalThis as unknown as { Deno: DenoEnv };
    // Reading a variable without permission would prompt the user.
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? Deno.env.get(name) : undefined;
  },
};
