/** One connection for all calls to a daemon, loaded when one is asked for. */
import type { Transport } from "../../core/call.ts";
import type { DaemonConnection, Platform, SocketAddress } from "../../core/platform.ts";
import { SocketTransport } from "../../transport/socket.ts";

export function openDaemon(
  platform: Platform,
  address: SocketAddress,
  options: DaemonConnection,
): Promise<Transport> {
  return Promise.resolve(new SocketTransport(address, { ...options, platform }));
}
