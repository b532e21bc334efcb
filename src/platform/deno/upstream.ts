/** Upstream HTTP over Deno's sockets. */
import * as net from "node:net";
import * as tls from "node:tls";
import type { Upstream, UpstreamOptions } from "../../core/platform.ts";
import type { Dial } from "../../http1/dial.ts";
import { lookupAll } from "../shared/lookup.ts";
import { createSocketUpstream } from "../shared/socket_upstream.ts";
import { createDial as createNodeDial } from "../node/http_dial.ts";
import { createDial, type DenoNet } from "./http_dial.ts";

export async function createUpstream(options: UpstreamOptions): Promise<Upstream> {
  const { Deno } = globalThis as unknown as { Deno: DenoNet };
  const { ca = [] } = options;
  let careful: Dial | undefined;
  return await createSocketUpstream(options, {
    dial: createDial(
      Deno,
      ca,
      () => careful ??= createNodeDial(net, tls, [...tls.rootCertificates, ...ca]),
    ),
    webBrotli: true,
    resolve: lookupAll,
    // The resolver blocks a thread, and files need those too: half of Deno's 32.
    lookupsAtOnce: 16,
  });
}
