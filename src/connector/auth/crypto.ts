/** The parts of WebCrypto that signatures need. */
import { fromBase64, toBase64, toBase64Url, toHex } from "../../core/bytes.ts";
import { invalidRequest } from "../../core/errors.ts";

export type HmacAlgorithm = "sha1" | "sha256" | "sha384" | "sha512";
export type BytesEncoding = "hex" | "base64" | "base64url";

const NAMES = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;
const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

async function hmacKey(
  algorithm: HmacAlgorithm,
  secret: Uint8Array,
  use: "sign" | "verify",
): Promise<CryptoKey> {
  const hash = NAMES[algorithm];
  return await crypto.subtle.importKey(
    "raw",
    secret as Uint8Array<ArrayBuffer>,
    { name: "HMAC", hash },
    false,
    [use],
  );
}

export async function hmacSign(
  algorithm: HmacAlgorithm,
  secret: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array> {
  const key = await hmacKey(algorithm, secret, "sign");
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data as Uint8Array<ArrayBuffer>));
}

/** Constant time: does not reveal where the signatures differ. */
export async function hmacVerify(
  algorithm: HmacAlgorithm,
  secret: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  const key = await hmacKey(algorithm, secret, "verify");
  return await crypto.subtle.verify(
    "HMAC",
    key,
    signature as Uint8Array<ArrayBuffer>,
    data as Uint8Array<ArrayBuffer>,
  );
}

export async function ed25519Verify(
  publicKey: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  const key = await crypto.subtle.importKey(
    "raw",
    publicKey as Uint8Array<ArrayBuffer>,
    { name: "Ed25519" },
    false,
    ["verify"],
  );
  return await crypto.subtle.verify(
    "Ed25519",
    key,
    signature as Uint8Array<ArrayBuffer>,
    data as Uint8Array<ArrayBuffer>,
  );
}

export async function sha256(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>));
}

/** Compares texts in constant time. */
export async function sameText(a: string, b: string): Promise<boolean> {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const [left, right] = await Promise.all([
    hmacSign("sha256", secret, utf8(a)),
    hmacSign("sha256", secret, utf8(b)),
  ]);
  return await hmacVerify("sha256", secret, left, utf8(b)) && left.length === right.length;
}

export function encodeBytes(bytes: Uint8Array, encoding: BytesEncoding): string {
  if (encoding === "hex") return toHex(bytes);
  return encoding === "base64" ? toBase64(bytes) : toBase64Url(bytes);
}

/** Undefined for text that is not in that encoding. */
export function decodeBytes(text: string, encoding: BytesEncoding): Uint8Array | undefined {
  if (encoding === "hex") {
    if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
    return Uint8Array.from(
      { length: text.length / 2 },
      (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16),
    );
  }
  return fromBase64(text);
}

/** A streamed body cannot be signed before it is sent. */
export function signableBody(body: Uint8Array | ReadableStream<Uint8Array> | null): Uint8Array {
  if (body === null) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  throw invalidRequest("auth.stream_body", "A streamed body cannot be signed: give it as bytes");
}
