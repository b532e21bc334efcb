/** Accepting connections on whichever runtime this is. */
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

/** Whether a process that serves there can be followed by another without a pause. Ports are shared on Linux only. */
export function canTakeOver(address: SocketAddress): boolean {
  return address.kind === "unix" || sharesPorts();
}
