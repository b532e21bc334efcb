/** Node: upstream HTTP and sockets over node:net. */
import type { Platform } from "../../core/platform.ts";

export const platform: Platform = {
  name: "node",
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
      async () => (await import("../shared/database/sqlite/node.ts")).openerOf(true),
    ),
  env: (name) => process.env[name],
};
