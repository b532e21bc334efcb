/** For runtimes on which only the embedded engine works. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { formatSocketAddress, type SocketAddress } from "../../core/platform.ts";

export function noSockets(runtime: string, address: SocketAddress): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "connect.unsupported",
    message: `${
      formatSocketAddress(address)
    } cannot be reached: ${runtime} opens no sockets. Use the address "embedded:".`,
  });
}
