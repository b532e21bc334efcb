/** A request body as bytes, for protocols that cannot stream it. */
import type { Body } from "../../core/call.ts";
import { joinBytes } from "../../core/bytes.ts";
import { invalidRequest } from "../../core/errors.ts";
import { cancelled } from "../../core/within.ts";

/** Rejects with `base.body_too_large` above `maxBytes`. */
export async function readBody(
  body: Body,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array(0);
  if (body instanceof Uint8Array) return body;
  const reader = body.getReader();
  const stop = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (signal?.aborted) throw cancelled(signal, "no");
      if (done) return joinBytes(chunks, size);
      size += value.length;
      if (size > maxBytes) {
        stop();
        throw invalidRequest(
          "base.body_too_large",
          `The streamed request body has more than ${maxBytes} bytes and this runtime speaks only the base protocol: ` +
            "send less, or use a runtime that speaks the session protocol",
        );
      }
      chunks.push(value);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
