/** What a connection does with its frames once the first one has decided which generation is spoken. */
import type { ConnectorError } from "../../core/errors.ts";

export interface Conversation {
  readonly openCalls: number;
  /** Bytes that its calls hold, besides what is unsent. */
  readonly heldBytes: number;
  /** The socket may have room again. */
  flushed(): void;
  /** Returns false for a type that it has no use for. Throws `frame.malformed` for a payload that cannot be read. */
  frame(type: number, payload: Uint8Array): boolean;
  /** The daemon drains: no new calls, as far as the protocol can say so. */
  goAway(): void;
  /** Ends every open call; with `tell`, the peer gets the error as its answer. */
  abort(error: ConnectorError, tell: boolean): void;
}
