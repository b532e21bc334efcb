/** The transport to a pool, loaded when an address names one. */
import type { Transport } from "../../core/call.ts";
import type { NatsAddress } from "../../core/pool/nats_address.ts";
import type { DaemonConnection } from "../../core/platform.ts";
import { PoolTransport } from "../../transport/pool/pool_transport.ts";
import { openBus } from "./open_bus.ts";

export function openPool(address: NatsAddress, options: DaemonConnection): Promise<Transport> {
  const { connectTimeoutMs } = options;
  return Promise.resolve(
    new PoolTransport(address, {
      ...options,
      openBus: () => openBus(address, { name: "vastar client", timeoutMs: connectTimeoutMs }),
    }),
  );
}
