/** Failures on the way to the runtime, not of a call itself. */
import { ConnectorError, ErrorClass, type Sent } from "../core/errors.ts";
import { formatNatsAddress, type NatsAddress } from "../core/pool/nats_address.ts";
import { formatSocketAddress, type SocketAddress } from "../core/platform.ts";

export function connectionLost(address: string, cause?: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "connection.lost",
    message: `The connection to the runtime at ${address} was lost${
      cause instanceof Error ? `: ${cause.message}` : ""
    }`,
    cause,
  });
}

/** A connection's failure, as one of its calls sees it. */
export function forCall(error: ConnectorError, sent: Sent): ConnectorError {
  return new ConnectorError({
    errorClass: error.errorClass,
    code: error.code,
    message: error.message,
    origin: error.origin,
    sent,
    cause: error.cause,
  });
}

export function clientClosed(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "client.closed",
    message: "The client was closed: create a new one for further calls",
    origin: "caller",
  });
}

export function timedOut(timeoutMs: number, address: string, sent: Sent): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "deadline.exceeded",
    message: `No complete answer from the runtime at ${address} within ${timeoutMs} ms`,
    sent,
  });
}

export function handshakeTimeout(address: string, timeoutMs: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "connect.timeout",
    message: `The runtime at ${address} did not answer the greeting within ${timeoutMs} ms`,
  });
}

/** On runtimes where only the embedded engine works. */
export function noSockets(
  runtime: string,
  address: SocketAddress | NatsAddress,
): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "connect.unsupported",
    message: `${
      address.kind === "nats" ? formatNatsAddress(address) : formatSocketAddress(address)
    } cannot be reached: ${runtime} opens no sockets. Use the address "embedded:".`,
  });
}

/** No member that takes this call answers. */
export function noMember(address: string, what: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "pool.no_member",
    message:
      `No member of the pool at ${address} ${what}: start one with vastar runtime --join ${address}`,
  });
}
