/** Accepts connections on the current runtime. */
import type { SocketAddress } from "../core/platform.ts";
import type { Listen } from "../daemon/listen/listener.ts";
import { sharesPorts } from "./share_ports.ts";

/** Rejects with `listen.in_use`, `listen.denied`, `listen.not_found` and the like. */
export const listen: Listen = async (address, accept, options) => {
  const runtime = "Bun" in globalThis
    ? await import("./bun/listen.ts")
    : "Deno" in globalThis
    ? await import("./deno/listen.ts")
    : await import("./node/listen.ts");
  return await runtime.listen(address, accept, options);
};

/** Whether another process can take over the address without a pause. Only Linux lets processes share ports. */
export function canTakeOver(address: SocketAddress): boolean {
  return address.kind === "unix" || sharesPorts();
}
