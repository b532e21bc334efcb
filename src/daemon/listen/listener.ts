/** The contract between the daemon and the runtime that accepts its connections. */
import {
  type ByteSocket,
  formatSocketAddress,
  type SocketAddress,
  type SocketHandlers,
} from "../../core/platform.ts";

export { formatSocketAddress as formatAddress };

export interface Listener {
  /** What is listened on; for TCP with the port that was really taken. */
  readonly address: SocketAddress;
  /**
   * Stops accepting and removes the socket file, if it is still this listener's. Open connections stay. Idempotent.
   */
  close(): Promise<void>;
}

/** Called for every connection; what it returns receives the connection's events. Must not throw. */
export type Accept = (socket: ByteSocket) => SocketHandlers;

export interface ListenOptions {
  /** Takes the address also from a process that serves there, which goes on with the connections that it has. Default: false. */
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

/** A TCP client that says nothing is asked after this whether its machine is still there; nothing else would ever tell. */
export const PROBE_AFTER_MS = 60_000;
