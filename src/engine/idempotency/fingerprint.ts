/** Tells whether two requests under one idempotency key are the same one. Nothing of them can be read from it. */
import type { CallRequest } from "../../core/call.ts";

const encoder = new TextEncoder();

/** Undefined for a body that is streamed: it is gone once it is read. */
export function fingerprint({ method, url, body }: CallRequest): string | undefined {
  if (body instanceof ReadableStream) return undefined;
  const head = hash(encoder.encode(`${method} ${url}`));
  return body === null ? head : `${head} ${body.length} ${hash(body)}`;
}

/** 53 bits, quick and not secret: a caller who finds two bodies with the same ones deceives himself alone. */
function hash(bytes: Uint8Array): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b ^ byte, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
