import type { Batches } from "./batches.ts";
import { type ByteBody, byteSource } from "./byte_source.ts";
import type { DecodeOptions } from "./events.ts";

/** The chunks of a body as they arrive, one per batch. */
export function byteBatches(body: ByteBody, options: DecodeOptions = {}): Batches<Uint8Array> {
  const source = byteSource(body, options.signal);
  return {
    async read() {
      const chunk = await source.read();
      return chunk === undefined ? undefined : [chunk];
    },
    cancel: (reason) => source.cancel(reason),
  };
}
