/** Identifies a request under an idempotency key, without revealing anything about it. */
import type { CallRequest } from "../../core/call.ts";
import { hashBytes, hashText } from "../state/hash.ts";

/** Undefined for a streamed body, which is gone once read. A caller who constructs a collision deceives only itself. */
export function fingerprint({ method, url, body }: CallRequest): string | undefined {
  if (body instanceof ReadableStream) return undefined;
  const head = hashText(`${method} ${url}`);
  return body === null ? head : `${head} ${body.length} ${hashBytes(body)}`;
}
