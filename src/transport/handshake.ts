/** Greets the other end of a link and finds out which protocol it speaks. */
import type { Clock } from "../core/clock.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../core/errors.ts";
import { executeResponse, goAway, hello, MessageType, type Welcome, welcome } from "../wire/mod.ts";
import { handshakeTimeout } from "./failures.ts";
import type { Link } from "./link.ts";
import { greeting } from "./session/client_session.ts";

export interface HandshakeOptions {
  readonly clock: Clock;
  readonly token: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Calls `open` with the runtime's Welcome, or with `base` if it answers like the existing daemon, which does not know the
 * greeting, and resolves with what that returns. It takes over the link within the frame: others may be right behind.
 * Rejects, and ends the link, if the runtime refuses, hangs up, stays silent or answers nonsense.
 */
export function handshake<T>(
  link: Link,
  options: HandshakeOptions,
  open: (answer: Welcome | "base") => T,
): Promise<T> {
  const { clock, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(
      () => link.fail(handshakeTimeout(link.address, timeoutMs)),
      timeoutMs,
    );
    const lost = (error: ConnectorError) => {
      clock.clearTimeout(timer);
      reject(error.code === "connection.lost" ? notGreeted(link.address, error) : error);
    };
    link.listen((type, payload) => {
      let result: Welcome | "base";
      try {
        result = interpret(link.address, type, payload);
      } catch (error) {
        return link.fail(toConnectorError(error));
      }
      clock.clearTimeout(timer);
      resolve(open(result));
    }, lost);
    if (link.failure === undefined) link.writer.send(hello, greeting(options.token));
  });
}

function interpret(address: string, type: number, payload: Uint8Array): Welcome | "base" {
  if (type === MessageType.Welcome) return welcome.decode(payload);
  if (type === MessageType.ExecuteResponse) {
    const response = executeResponse.decode(payload);
    if (response.requestId === 0n && response.errorClass === ErrorClass.InvalidRequest) {
      return "base";
    }
    throw refused(response.errorClass, "connect.refused", response.errorMessage, address);
  }
  if (type === MessageType.GoAway) {
    const { code, message } = goAway.decode(payload);
    const reason = code || "connection.going_away";
    // A draining runtime will be replaced; any other reason is final.
    const draining = reason === "connection.going_away";
    throw refused(
      draining ? ErrorClass.Transient : ErrorClass.Permanent,
      reason,
      message,
      address,
    );
  }
  throw refused(ErrorClass.Permanent, "connect.protocol", `a message of type ${type}`, address);
}

/** A runtime that has just stopped, or something that is not a runtime. */
function notGreeted(address: string, lost: ConnectorError): ConnectorError {
  const { cause } = lost;
  const found = cause instanceof Error ? ` (${cause.message})` : "";
  return new ConnectorError({
    errorClass: lost.errorClass,
    code: lost.code,
    message:
      `What listens at ${address} did not answer the greeting and the connection ended${found}: ` +
      "check that it is a runtime, and that it has room for another connection",
    cause,
  });
}

function refused(
  errorClass: ErrorClass,
  code: string,
  message: string,
  address: string,
): ConnectorError {
  return new ConnectorError({
    errorClass,
    code,
    message: `The runtime at ${address} refused the connection: ${message || "it gave no reason"}`,
  });
}
