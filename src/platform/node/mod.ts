/** Node: upstream HTTP over node:http, sockets over node:net. */
import type { Platform } from "../../core/platform.ts";

export const platform: Platform = {
  name: "node",
  dial: async (address, handlers, options) =>
    (await import("../shared/node_dial.ts")).dialNode(address, handlers, options),
  createUpstream: async (options) =>
    (await import("../shared/node_upstream.ts")).createNodeUpstream(options, false),
  env: (name) => process.env[name],
};
