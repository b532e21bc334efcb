/** Upstream HTTP over Bun's sockets. */
import type { Upstream, UpstreamOptions } from "../../core/platform.ts";
import { createSocketUpstream } from "../shared/socket_upstream.ts";
import { createDial } from "./http_dial.ts";

export async function createUpstream(options: UpstreamOptions): Promise<Upstream> {
  const ca = options.ca && options.ca.length > 0
    ? [...(await import("node:tls")).rootCertificates, ...options.ca]
    : undefined;
  return await createSocketUpstream(options, {
    dial: createDial(ca),
    webBrotli: false,
    async resolve(host) {
      const found = await Bun.dns.lookup(host);
      return found.map(({ address, family, ttl }) => ({ address, family, ttlMs: ttl * 1000 }));
    },
  });
}
