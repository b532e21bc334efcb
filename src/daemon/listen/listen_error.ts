/** Turns the system's errors about sockets into errors that an operator can act on. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { SocketAddress } from "../../core/platform.ts";
import { formatAddress } from "./listener.ts";

export function listenError(code: string, message: string, cause?: unknown): ConnectorError {
  return new ConnectorError({ errorClass: ErrorClass.Permanent, code, message, cause });
}

/** The `code` of a system error, or an empty string. */
export function systemCode(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}

export function toListenError(error: unknown, address: SocketAddress): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const where = formatAddress(address);
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return listenError("listen.in_use", `${where} is in use by another process.`, error);
    case "EADDRNOTAVAIL":
      return listenError(
        "listen.not_found",
        `${where} is not an address of this machine; use one of its own, or 127.0.0.1.`,
        error,
      );
    case "ENOTFOUND":
      return listenError("listen.not_found", `the host of ${where} is not known.`, error);
    case "ENOENT":
    case "ENOTDIR":
      return listenError(
        "listen.not_found",
        `the folder of ${where} does not exist; create it first.`,
        error,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return listenError(
        "listen.denied",
        `this user may not listen on ${where}; choose a folder it owns, or a port above 1023.`,
        error,
      );
    default: {
      const text = error instanceof Error ? error.message : String(error);
      return listenError("listen.failed", `cannot listen on ${where}: ${text}`, error);
    }
  }
}
