/** What the pool needs from a runtime: sockets with callbacks. Implementations are in src/platform. */
import type { ByteSocket, SocketHandlers } from "../core/platform.ts";
import type { Endpoint } from "./target.ts";

export interface HttpSocket extends ByteSocket {
  /** False while it still buffers bytes that it took; absent if it only takes what the system takes. */
  flushed?(): boolean;
}

/** Either `open` or `failed` is called, once; the other `SocketHandlers` only after `open`. */
export interface DialHandlers extends SocketHandlers {
  /**
   * With TLS, the certificate is checked. Unlike elsewhere, the receiver of `data` owns the bytes and the memory
   * they are in.
   */
  open(socket: HttpSocket): void;
  failed(error: unknown): void;
}

/** Returns a function that cancels the attempt: nothing is called after that. */
export type Dial = (endpoint: Endpoint, handlers: DialHandlers) => () => void;
