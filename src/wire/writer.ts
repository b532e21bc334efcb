/** Encodes messages into an outbox, with one builder for all connections of the process. */
import { Builder } from "./builder.ts";
import type { Codec } from "./codec.ts";
import { wireError } from "./error.ts";
import { MAX_FRAME_BYTES } from "./messages/message_type.ts";
import type { Outbox } from "./flow/outbox.ts";

const INITIAL_BYTES = 4 * 1024;
/** A builder that grew for one huge message is not kept. */
const KEEP_BYTES = 4 * 1024 * 1024;

/** Shared: encoding is never interrupted, and its output is copied at once. */
let builder = new Builder(INITIAL_BYTES);

const CROWDED_BYTES = 8 * 1024 * 1024;

export class MessageWriter {
  readonly #outbox: Outbox;
  /** The largest frame that the peer accepts. */
  maxFrameBytes: number = MAX_FRAME_BYTES;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** So much is unsent that bodies should only travel within the peer's credit: too much unsent data ends a connection. */
  get crowded(): boolean {
    return this.#outbox.unsentBytes > CROWDED_BYTES;
  }

  /** Throws `frame.oversize`, and sends nothing, for a message that would cost the connection with all its calls. */
  send<M>(codec: Codec<M>, message: M): void {
    builder.clear();
    codec.encode(builder, message);
    const payload = builder.asUint8Array();
    if (builder.capacity > KEEP_BYTES) builder = new Builder(INITIAL_BYTES);
    const length = payload.length + 1;
    if (length > this.maxFrameBytes) {
      throw wireError(
        "frame.oversize",
        `a frame of ${length} bytes: the peer takes at most ${this.maxFrameBytes}`,
      );
    }
    this.#outbox.frame(codec.type, payload);
  }
}

/** One message as separate bytes, for tests and tools that write single frames. */
export function encodePayload<M>(codec: Codec<M>, message: M): Uint8Array {
  const builder = new Builder(INITIAL_BYTES);
  codec.encode(builder, message);
  return builder.asUint8Array().slice();
}
