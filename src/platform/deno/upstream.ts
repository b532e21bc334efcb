/** Upstream HTTP over Deno's sockets. */
import type { Upstream, UpstreamOptions } from "../../core/platform.ts";
import { lookupAll } from "../shared/lookup.ts";
import { createSocketUpstream } from "../shared/socket_upstream.ts";
import { createDial, type DenoNet } from "./http_dial.ts";

export async function createUpstream(options: UpstreamOptions): Promise<Upstream> {
  const { Deno } = globalThis as unknown as { Deno: DenoNet };
  return await createSocketUpstream(options, {
    dial: createDial(Deno, options.ca ?? []),
    webBrotli: true,
    resolve: lookupAll,
  });
}
