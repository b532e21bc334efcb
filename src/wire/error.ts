import { ConnectorError, ErrorClass } from "../core/errors.ts";

/** The bytes of a peer are not what the protocol allows. Codes: `frame.empty`, `frame.oversize`, `frame.malformed`. */
export function wireError(
  code: "frame.empty" | "frame.oversize" | "frame.malformed",
  message: string,
): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code,
    message,
    origin: "caller",
  });
}
