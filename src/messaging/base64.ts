/** Base64 without a runtime's help: `Uint8Array.fromBase64` is not there on Node 20 to 24. */
import { DeserializationError } from "./errors.ts";

/** Arguments that a call may safely have. */
const STEP = 0x8000;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += STEP) {
    text += String.fromCharCode(...bytes.subarray(at, at + STEP));
  }
  return btoa(text);
}

export function fromBase64(text: string, what: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (error) {
    throw new DeserializationError(`${what} is not base64`, error);
  }
}
