/** Facts about where a request goes. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { UpstreamRequest } from "../../core/platform.ts";

export function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

export function connectTimeout(request: UpstreamRequest): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "timeout.connect",
    message:
      `${request.url.host} did not accept a connection within ${request.connectTimeoutMs} ms`,
    origin: "upstream",
  });
}
