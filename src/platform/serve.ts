/** Serves HTTP on the current runtime. */
import type { HttpServer, ServeHttpOptions } from "../core/serve/http_server.ts";

/** Serves `fetch` on an address. Rejects with `listen.in_use`, `listen.denied`, `listen.not_found` and the like. */
export async function serveHttp(options: ServeHttpOptions): Promise<HttpServer> {
  const { serveHttp: serve } = "Bun" in globalThis
    ? await import("./bun/serve.ts")
    : "Deno" in globalThis
    ? await import("./deno/serve.ts")
    : await import("./node/serve.ts");
  return await serve(options);
}
