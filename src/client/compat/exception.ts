/** The error with the name and constructor that code written for the existing SDK expects. */
import { ConnectorError, type ErrorClass } from "../../core/errors.ts";

/**
 * `instanceof ConnectorException` holds for every {@link ConnectorError}, so both names catch the same.
 * Constructing one is for code (mocks, tests) written for the existing SDK; new code constructs a ConnectorError.
 */
export class ConnectorException extends ConnectorError {
  constructor(message: string, errorClass: ErrorClass, requestId?: number | string) {
    super({
      errorClass,
      code: "exception",
      message,
      requestId: requestId === undefined ? undefined : String(requestId),
    });
    this.name = "ConnectorException";
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof ConnectorError;
  }
}
