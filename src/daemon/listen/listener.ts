/** The contract between the daemon and the runtime that accepts its connections. */
import {
  type ByteSocket,
  formatSocketAddress,
  type SocketAddress,
  type SocketHandlers,
} from "../../core/platform.ts";

export { formatSocketAddress as formatAddress };

export interface Listener {
  /** The address listened on; for TCP with the port that was actually taken. */
  readonly address: SocketAddress;
  /**
   * Stops accepting and removes the socket file if it still belongs to this listener. Open connections stay. Idempotent.
   */
  close(): Promise<void>;
}

/** Called for every connection; returns the handlers of its events. Must not throw. */
export type Accept = (socket: ByteSocket) => SocketHandlers;

export interface ListenOptions {
  /** Takes the address even from a process that serves there, which keeps its open connections. Default: false. */
  readonly takeOver?: boolean;
}

/**
 * Rejects with a ConnectorError: `listen.in_use`, `listen.symlink`, `listen.not_a_socket`, `listen.not_found`,
 * `listen.denied`, `listen.path_too_long`, `listen.locked`, `listen.failed`.
 */
export type Listen = (
  address: SocketAddress,
  accept: Accept,
  options?: ListenOptions,
) => Promise<Listener>;

/** After this, TCP probes whether the machine of a silent client is still there; nothing else would notice. */
export const PROBE_AFTER_MS = 60_000;
