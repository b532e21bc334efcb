import { DeserializationError } from "./errors.ts";
import { type JsonObject, readObject, writeJson } from "./json_text.ts";
import type { Message } from "./message.ts";

const LENGTH_BYTES = 4;

/** The length of the headers (unsigned, 32 bits, big-endian), the headers as a JSON object, and the payload as it is. */
export class BinaryMessage implements Message {
  static readonly contentType: string = "application/octet-stream";
  readonly headers: JsonObject;
  readonly payload: Uint8Array;

  constructor(headers: JsonObject, payload: Uint8Array) {
    this.headers = headers;
    this.payload = payload;
  }

  /** The payload is a view of the bytes, not a copy. */
  static deserialize(bytes: Uint8Array): BinaryMessage {
    if (bytes.length < LENGTH_BYTES) {
      throw new DeserializationError(
        `The message has ${bytes.length} bytes: its header length alone takes ${LENGTH_BYTES}`,
      );
    }
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const end = LENGTH_BYTES + length;
    if (bytes.length < end) {
      throw new DeserializationError(
        `The message is truncated: its headers take ${length} bytes, of which ${
          bytes.length - LENGTH_BYTES
        } are there`,
      );
    }
    const headers = readObject(bytes.subarray(LENGTH_BYTES, end), "headers");
    return new BinaryMessage(headers, bytes.subarray(end));
  }

  serialize(): Uint8Array {
    const headers = writeJson(this.headers, "headers");
    const bytes = new Uint8Array(LENGTH_BYTES + headers.length + this.payload.length);
    new DataView(bytes.buffer).setUint32(0, headers.length);
    bytes.set(headers, LENGTH_BYTES);
    bytes.set(this.payload, LENGTH_BYTES + headers.length);
    return bytes;
  }
}
