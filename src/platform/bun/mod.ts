/** Bun: upstream HTTP and sockets over Bun.connect. */
import type { Platform } from "../../core/platform.ts";

export const platform: Platform = {
  name: "bun",
  dial: async (address, handlers, options) =>
    (await import("./dial.ts")).dial(address, handlers, options),
  readText: async (path) => await (await import("node:fs/promises")).readFile(path, "utf8"),
  ownsSocket: async (path) => (await import("../shared/own_socket.ts")).ownsSocket(path),
  openDaemon: async (address, options) =>
    (await import("../shared/open_daemon.ts")).openDaemon(platform, address, options),
  openPool: async (address, options) =>
    (await import("../nats/open_pool.ts")).openPool(address, options),
  createUpstream: async (options) => (await import("./upstream.ts")).createUpstream(options),
  createDatabases: async () =>
    (await import("../shared/database/drivers.ts")).createDrivers(
      async () => (await import("./sqlite.ts")).openSqlite,
    ),
  env: (name) => process.env[name],
};
