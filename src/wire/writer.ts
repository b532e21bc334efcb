/** Encodes messages into an outbox, with one builder for all of them. */
import { Builder } from "flatbuffers";
import type { Codec } from "./codec.ts";
import type { Outbox } from "./outbox.ts";

const INITIAL_BYTES = 4 * 1024;
/** A builder that one huge message has grown is not kept. */
const KEEP_BYTES = 1024 * 1024;

export class MessageWriter {
  readonly #outbox: Outbox;
  #builder = new Builder(INITIAL_BYTES);

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  send<M>(codec: Codec<M>, message: M): void {
    this.#builder.clear();
    codec.encode(this.#builder, message);
    this.#outbox.frame(codec.type, this.#builder.asUint8Array());
    if (this.#builder.dataBuffer().capacity() > KEEP_BYTES) {
      this.#builder = new Builder(INITIAL_BYTES);
    }
  }
}

/** One message as bytes of its own, for tests and for tools that write single frames. */
export function encodePayload<M>(codec: Codec<M>, message: M): Uint8Array {
  const builder = new Builder(INITIAL_BYTES);
  codec.encode(builder, message);
  return builder.asUint8Array().slice();
}
