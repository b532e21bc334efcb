/** What the pool needs of a runtime: sockets, as callbacks. Implementations are in src/platform. */
import type { ByteSocket, SocketHandlers } from "../core/platform.ts";
import type { Endpoint } from "./target.ts";

export interface HttpSocket extends ByteSocket {
  /** False while bytes that it took are still in its hands; absent where it takes only what the system takes. */
  flushed?(): boolean;
}

/** One of `open` and `failed` is called, once; the others of `SocketHandlers` only after `open`. */
export interface DialHandlers extends SocketHandlers {
  /**
   * With TLS: the certificate is checked. Unlike elsewhere the bytes that `data` gets are the receiver's, with all the memory
   * they are in.
   */
  open(socket: HttpSocket): void;
  failed(error: unknown): void;
}

/** Returns what gives the attempt up: nothing is called after that. */
export type Dial = (endpoint: Endpoint, handlers: DialHandlers) => () => void;
