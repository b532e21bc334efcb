/** Upstream HTTP over node:net and node:tls. */
import process from "node:process";
import type { Upstream, UpstreamOptions } from "../../core/platform.ts";
import { lookupAll } from "../shared/lookup.ts";
import { createSocketUpstream } from "../shared/socket_upstream.ts";
import { createDial } from "./http_dial.ts";

/** As libuv reads it. */
function threads(): number {
  return Number(process.env["UV_THREADPOOL_SIZE"]) || 4;
}

export async function createUpstream(options: UpstreamOptions): Promise<Upstream> {
  const [net, tls] = await Promise.all([import("node:net"), import("node:tls")]);
  const ca = options.ca?.length ? [...tls.rootCertificates, ...options.ca] : undefined;
  return await createSocketUpstream(options, {
    dial: createDial(net, tls, ca),
    webBrotli: false,
    resolve: lookupAll,
    // The resolver blocks one of Node's few threads; files, compression and cryptography need one, too.
    lookupsAtOnce: Math.max(1, threads() - 1),
  });
}
