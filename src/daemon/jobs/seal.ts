/** What waits in a queue is sealed: it holds credentials, and must come from a member. AES-256-GCM, its key from the pool's secret. */

const encoder = new TextEncoder();
const IV_BYTES = 12;

export class Sealer {
  readonly #key: Promise<CryptoKey>;
  readonly #signing: Promise<CryptoKey>;

  constructor(secret: string) {
    const base = crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
      "deriveKey",
    ]);
    const derived = async (
      info: string,
      to: AesKeyGenParams | HmacKeyGenParams,
      uses: KeyUsage[],
    ) =>
      await crypto.subtle.deriveKey(
        { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: encoder.encode(info) },
        await base,
        to,
        false,
        uses,
      );
    this.#key = derived("vastar pool jobs", { name: "AES-GCM", length: 256 }, [
      "encrypt",
      "decrypt",
    ]);
    this.#signing = crypto.subtle.importKey(
      "raw",
      encoder.encode(secret),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
  }

  /** `about` belongs to the bytes: with another, they do not open. */
  async seal(bytes: Uint8Array, about: string): Promise<Uint8Array> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData: encoder.encode(about) },
      await this.#key,
      bytes as Uint8Array<ArrayBuffer>,
    );
    const all = new Uint8Array(IV_BYTES + sealed.byteLength);
    all.set(iv);
    all.set(new Uint8Array(sealed), IV_BYTES);
    return all;
  }

  /** Rejects for what was sealed with another secret, or changed. */
  async open(bytes: Uint8Array, about: string): Promise<Uint8Array> {
    const plain = await crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: bytes.slice(0, IV_BYTES),
        additionalData: encoder.encode(about),
      },
      await this.#key,
      bytes.slice(IV_BYTES),
    );
    return new Uint8Array(plain);
  }

  /** As Standard Webhooks signs: `id.timestamp.body`, in base64. */
  async sign(text: string): Promise<string> {
    const signature = await crypto.subtle.sign("HMAC", await this.#signing, encoder.encode(text));
    return btoa(String.fromCharCode(...new Uint8Array(signature)));
  }

  /** Where a tenant's job is kept: nobody else has this name, whatever id they choose, and it says neither. */
  async nameOf(tenantId: string, id: string): Promise<string> {
    const signature = await this.sign(`job\n${tenantId}\n${id}`);
    return signature.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }
}
