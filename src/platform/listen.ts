/** Accepting connections on whichever runtime this is. */
import type { Listen } from "../daemon/listen/listener.ts";

/** Rejects with `listen.in_use`, `listen.denied`, `listen.not_found` and the like. */
export const listen: Listen = async (address, accept) => {
  const runtime = "Bun" in globalThis
    ? await import("./bun/listen.ts")
    : "Deno" in globalThis
    ? await import("./deno/listen.ts")
    : await import("./node/listen.ts");
  return await runtime.listen(address, accept);
};
