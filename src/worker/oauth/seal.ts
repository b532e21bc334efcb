/** Sealing texts with a key that only the operator has: AES-256-GCM. */
import { fromBase64, toBase64Url } from "../../core/bytes.ts";
import { invalidRequest } from "../../core/errors.ts";

const IV_BYTES = 12;

export interface Seal {
  seal(text: string): Promise<string>;
  /** Undefined for what was not sealed with this key. */
  open(sealed: string): Promise<string | undefined>;
}

/** `key`: 32 bytes in base64. @throws ConnectorError `worker.token_key`. */
export async function createSeal(key: string): Promise<Seal> {
  const raw = fromBase64(key.trim());
  if (raw?.length !== 32) {
    throw invalidRequest(
      "worker.token_key",
      "The key for tokens must be 32 random bytes in base64: openssl rand -base64 32",
    );
  }
  const secret = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  return {
    async seal(text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const data = new TextEncoder().encode(text);
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, secret, data);
      return toBase64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
    },
    async open(sealed) {
      const bytes = fromBase64(sealed);
      if (bytes === undefined || bytes.length <= IV_BYTES) return undefined;
      const algorithm = { name: "AES-GCM", iv: bytes.slice(0, IV_BYTES) };
      return await crypto.subtle.decrypt(algorithm, secret, bytes.slice(IV_BYTES)).then(
        (data) => new TextDecoder().decode(data),
        () => undefined,
      );
    },
  };
}
