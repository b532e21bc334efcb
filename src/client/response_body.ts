/** The bytes of a response, which also convert to text as code written for Node's Buffer expects. */
import { binaryText, toBase64, toHex } from "../core/bytes.ts";
import { invalidRequest } from "../core/errors.ts";

const utf8 = new TextDecoder();

/** A Uint8Array whose `toString(encoding)` decodes: `utf-8` (default), `latin1`, `ascii`, `utf-16le`, `hex` or `base64`. */
export class ResponseBody extends Uint8Array {
  /** No copy is made. */
  static wrap(bytes: Uint8Array): ResponseBody {
    return new ResponseBody(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }

  override toString(encoding = "utf-8"): string {
    return decodeText(this, encoding);
  }
}

/** Throws an InvalidRequest `response.encoding` for an encoding that does not exist. */
export function decodeText(bytes: Uint8Array, encoding = "utf-8"): string {
  const name = encoding.toLowerCase();
  switch (name) {
    case "utf-8":
    case "utf8":
      return utf8.decode(bytes);
    case "hex":
      return toHex(bytes);
    case "base64":
      return toBase64(bytes);
    // TextDecoder treats latin1 as windows-1252, which changes 0x80 to 0x9f.
    case "latin1":
    case "binary":
      return binaryText(bytes);
    default:
      return decoder(name).decode(bytes);
  }
}

function decoder(name: string): TextDecoder {
  try {
    return new TextDecoder(name === "utf16le" || name === "ucs2" ? "utf-16le" : name);
  } catch (cause) {
    throw invalidRequest(
      "response.encoding",
      `Unknown encoding ${
        JSON.stringify(name)
      }: use utf-8, latin1, hex, base64 or a label of the Encoding standard`,
      cause,
    );
  }
}
