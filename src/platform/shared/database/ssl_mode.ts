/** `sslmode` of a database's URL: whether there is TLS, and whether its certificate is checked. */
import type { DatabaseTarget } from "../../../core/database/driver.ts";
import { invalidRequest } from "../../../core/errors.ts";

/** Undefined: no TLS, the usual on this machine. @throws ConnectorError `request.url`. */
export function sslMode(
  url: URL,
  pinned: DatabaseTarget["pinned"],
): boolean | undefined {
  const mode = url.searchParams.get("sslmode");
  switch (mode) {
    case null:
      return isLoopback(pinned?.address) ? undefined : true;
    case "disable":
      return undefined;
    case "require":
      return false;
    case "verify-full":
      return true;
    default:
      throw invalidRequest(
        "request.url",
        `sslmode is ${JSON.stringify(mode.slice(0, 40))}; it is disable, require or verify-full`,
      );
  }
}

function isLoopback(address: string | undefined): boolean {
  return address === "::1" || (address?.startsWith("127.") ?? false);
}
