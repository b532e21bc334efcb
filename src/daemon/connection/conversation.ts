/** What a connection does with its frames once the first one has chosen the protocol. */
import type { ConnectorError } from "../../core/errors.ts";

export interface Conversation {
  readonly openCalls: number;
  /** Bytes held by its calls, besides what is unsent. */
  readonly heldBytes: number;
  /** The socket may have room again. */
  flushed(): void;
  /** Returns false for a type that it does not handle. Throws `frame.malformed` for a payload that cannot be read. */
  frame(type: number, payload: Uint8Array): boolean;
  /** The daemon is draining: no new calls, as far as the protocol can say so. */
  goAway(): void;
  /** Ends every open call; with `tell`, the peer gets the error as its answer. */
  abort(error: ConnectorError, tell: boolean): void;
}
