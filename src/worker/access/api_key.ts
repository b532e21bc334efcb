/** API keys: created once, shown once, stored as a hash. */
import { randomText, toHex } from "../../core/bytes.ts";
import type { Grant } from "./caller.ts";

/** A stored key: nothing in it lets anyone call. */
export interface ApiKey extends Grant {
  /** SHA-256 of the whole key, in hex. The key has 256 random bits, so a slower hash is not needed. */
  readonly hash: string;
  /** For people. */
  readonly name?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. Absent: until it is revoked. */
  readonly expiresAt?: string;
}

/** `vsk_`, the id, and the secret: base64url of 32 bytes. */
const KEY = /^vsk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;
const NO_HASH = "0".repeat(64);

export interface NewKey {
  /** For the user of the key. It cannot be shown again. */
  readonly text: string;
  readonly key: ApiKey;
}

export async function createKey(
  facts: Omit<ApiKey, "id" | "hash" | "createdAt">,
  now: Date,
): Promise<NewKey> {
  const id = toHex(crypto.getRandomValues(new Uint8Array(8)));
  const secret = randomText(32);
  const text = `vsk_${id}_${secret}`;
  return {
    text,
    key: { id, hash: await hashOf(text), ...facts, createdAt: now.toISOString() },
  };
}

/** The id in a key; undefined if it is not a key. */
export function keyId(text: string): string | undefined {
  return KEY.exec(text)?.[1];
}

/** In constant time, even if there is no key with its id. */
export async function isKey(text: string, key: ApiKey | undefined): Promise<boolean> {
  const [found, kept] = [await hashOf(text), key?.hash ?? NO_HASH];
  let difference = kept.length ^ found.length;
  for (let at = 0; at < found.length; at++) {
    difference |= found.charCodeAt(at) ^ kept.charCodeAt(at);
  }
  return difference === 0 && key !== undefined;
}

async function hashOf(text: string): Promise<string> {
  return toHex(
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
  );
}
