/** Deno: upstream HTTP over node:http (its fetch cannot connect to a chosen address), sockets over node:net. */
import type { Platform } from "../../core/platform.ts";

export const platform: Platform = {
  name: "deno",
  dial: async (address, handlers, options) =>
    (await import("../shared/node_dial.ts")).dialNode(address, handlers, options),
  createUpstream: async (options) =>
    (await import("../shared/node_upstream.ts")).createNodeUpstream(options, true),
  env: (name) => process.env[name],
};
