/** Says which socket could not be opened, and why. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { formatSocketAddress, type SocketAddress } from "../../core/platform.ts";
import { classifyFailure } from "../../http/classify.ts";

export function dialFailure(address: SocketAddress, error: unknown): ConnectorError {
  const where = formatSocketAddress(address);
  const code = codeOf(error);
  if (
    address.kind === "unix" &&
    (code === "ENOENT" || code === "ENOTSOCK" || code === "EACCES" || code === "EPERM")
  ) {
    return new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: code === "ENOENT" || code === "ENOTSOCK" ? "connect.not_found" : "connect.forbidden",
      message: code === "ENOENT"
        ? `nothing listens at ${where}: there is no such socket`
        : code === "ENOTSOCK"
        ? `nothing listens at ${where}: it is not a socket`
        : `${where} may not be opened by this user`,
      cause: error,
    });
  }
  const { errorClass, code: known, message } = classifyFailure(error, {
    phase: "head",
    passedOn: false,
    peer: where,
  });
  // The peer is a runtime: its absence says nothing about the API behind it.
  return new ConnectorError({ errorClass, code: known, message, origin: "local", cause: error });
}

export function dialTimeout(address: SocketAddress, ms: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "connect.timeout",
    message: `${formatSocketAddress(address)} did not accept the connection within ${ms} ms`,
  });
}

export function dialAborted(reason: unknown): ConnectorError {
  if (reason instanceof ConnectorError) return reason;
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "call.cancelled",
    message: "connecting was cancelled",
    origin: "caller",
    cause: reason,
  });
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === "object" && error !== null && "code" in error
    ? error.code
    : undefined;
  return typeof code === "string" ? code : undefined;
}
