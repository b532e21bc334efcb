/** Tells whether two requests under one idempotency key are the same one. Nothing of them can be read from it. */
import type { CallRequest } from "../../core/call.ts";
import { hashBytes, hashText } from "../state/hash.ts";

/** Undefined for a body that is streamed: it is gone once it is read. A caller who finds two bodies with the same one deceives himself alone. */
export function fingerprint({ method, url, body }: CallRequest): string | undefined {
  if (body instanceof ReadableStream) return undefined;
  const head = hashText(`${method} ${url}`);
  return body === null ? head : `${head} ${body.length} ${hashBytes(body)}`;
}
