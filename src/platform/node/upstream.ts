/** Upstream HTTP over node:net and node:tls. */
import type { Upstream, UpstreamOptions } from "../../core/platform.ts";
import { lookupAll } from "../shared/lookup.ts";
import { createSocketUpstream } from "../shared/socket_upstream.ts";
import { createDial } from "./http_dial.ts";

export async function createUpstream(options: UpstreamOptions): Promise<Upstream> {
  const [net, tls] = await Promise.all([import("node:net"), import("node:tls")]);
  const ca = options.ca?.length ? [...tls.rootCertificates, ...options.ca] : undefined;
  return await createSocketUpstream(options, {
    dial: createDial(net, tls, ca),
    webBrotli: false,
    resolve: lookupAll,
  });
}
