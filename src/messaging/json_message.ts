import { type JsonObject, objectAt, readObject, writeJson } from "./json_text.ts";
import type { Message } from "./message.ts";

/** `{"headers":{…},"payload":…}` */
export class JsonMessage implements Message {
  static readonly contentType: string = "application/json";
  readonly headers: JsonObject;
  readonly payload: unknown;

  constructor(headers: JsonObject, payload: unknown) {
    this.headers = headers;
    this.payload = payload;
  }

  static deserialize(bytes: Uint8Array): JsonMessage {
    const value = readObject(bytes, "message");
    return new JsonMessage(objectAt(value, "headers"), value["payload"] ?? null);
  }

  serialize(): Uint8Array {
    return writeJson({ headers: this.headers, payload: this.payload ?? null }, "message");
  }
}
