import { ConnectorError, ErrorClass } from "../core/errors.ts";

/** A message cannot be written: its content has no form in the format. */
export class SerializationError extends ConnectorError {
  override readonly name: string = "SerializationError";

  constructor(message: string, cause?: unknown) {
    const facts = { errorClass: ErrorClass.InvalidRequest, origin: "caller" } as const;
    super({ ...facts, code: "message.serialize", message, cause });
  }
}

/** Bytes are not a message of the format. */
export class DeserializationError extends ConnectorError {
  override readonly name: string = "DeserializationError";

  constructor(message: string, cause?: unknown) {
    super({ errorClass: ErrorClass.Permanent, code: "message.deserialize", message, cause });
  }
}
