import type { JsonObject } from "./json_text.ts";

/** A message for a message transport. Each class has a static `deserialize`, which throws a DeserializationError. */
export interface Message {
  readonly headers: JsonObject;
  readonly payload: unknown;
  /** Throws a SerializationError. */
  serialize(): Uint8Array;
}

/** A class of messages. */
export interface MessageClass<M extends Message> {
  readonly contentType: string;
  deserialize(bytes: Uint8Array): M;
}
