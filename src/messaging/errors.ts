import { ConnectorError, ErrorClass } from "../core/errors.ts";

/** A message cannot be serialised: the format cannot represent its content. */
export class SerializationError extends ConnectorError {
  override readonly name: string = "SerializationError";

  constructor(message: string, cause?: unknown) {
    const facts = { errorClass: ErrorClass.InvalidRequest, origin: "caller" } as const;
    super({ ...facts, code: "message.serialize", message, cause });
  }
}

/** The bytes are not a message in the format. */
export class DeserializationError extends ConnectorError {
  override readonly name: string = "DeserializationError";

  constructor(message: string, cause?: unknown) {
    super({ errorClass: ErrorClass.Permanent, code: "message.deserialize", message, cause });
  }
}
