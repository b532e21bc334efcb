/** Opens the transport for an address. The two kinds are loaded on demand, so that a program only loads what it uses. */
import type { Transport } from "../core/call.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Platform, SocketAddress } from "../core/platform.ts";
import type { EngineOptions } from "../engine/engine.ts";
import type { RuntimeAddress } from "./address.ts";
import { noSockets } from "./failures.ts";

export interface OpenOptions {
  readonly platform: Platform;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** A socket to try if nothing answers at the address. */
  readonly fallback?: SocketAddress | undefined;
  readonly token?: string | undefined;
  /** Milliseconds. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Options of the engine behind `embedded:`. */
  readonly engine?: EngineOptions | undefined;
}

/** Opens no socket yet: the transport does, on its first call. */
export async function openTransport(
  address: RuntimeAddress,
  options: OpenOptions,
): Promise<Transport> {
  const clock = options.clock ?? systemClock;
  if (address.kind === "embedded") {
    const { createEngine } = await import("../engine/engine.ts");
    return createEngine(options.engine ?? {}, { platform: options.platform, clock });
  }
  const { platform, fallback, token, connectTimeoutMs = 5000 } = options;
  if (address.kind === "nats") {
    if (platform.openPool === undefined) throw noSockets(platform.name, address);
    return await platform.openPool(address, { clock, token, connectTimeoutMs });
  }
  if (platform.openDaemon === undefined) throw noSockets(platform.name, address);
  return await platform.openDaemon(address, { clock, fallback, token, connectTimeoutMs });
}
