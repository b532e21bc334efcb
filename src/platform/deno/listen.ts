/**
 * Accepts connections with Deno.listen, not node:net: there, running out of file descriptors once stops accepting
 * for good, without an error.
 */
import type { ByteSocket, SocketAddress, SocketHandlers } from "../../core/platform.ts";
import { toListenError } from "../../daemon/listen/listen_error.ts";
import type { Accept, Listener, ListenOptions } from "../../daemon/listen/listener.ts";
import { takeSocketFile } from "../../daemon/listen/socket_file.ts";

/** The part of Deno's API that is used; its types are not available when the other runtimes are checked. */
interface DenoConn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  /** TCP only. */
  setNoDelay?(on: boolean): void;
  setKeepAlive?(on: boolean): void;
}
interface DenoListener {
  readonly addr: { readonly port?: number };
  accept(): Promise<DenoConn>;
  close(): void;
}
type DenoListen = (
  where: { transport: "unix"; path: string } | {
    transport: "tcp";
    hostname: string;
    port: number;
  },
) => DenoListener;

const READ_BYTES = 64 * 1024;
/** Most bytes handed to the kernel at once; more waits in the caller's own, bounded queue. */
const WRITE_BYTES = 256 * 1024;
/** How long to wait for descriptors to become free again. */
const ACCEPT_AGAIN_MS = 50;

/** TCP cannot be taken over: Deno does not let another process listen on its port. */
export async function listen(
  address: SocketAddress,
  accept: Accept,
  options: ListenOptions = {},
): Promise<Listener> {
  const open = (globalThis as unknown as { Deno: { listen: DenoListen } }).Deno.listen;
  if (address.kind === "tcp") {
    let listener: DenoListener;
    try {
      listener = open({ transport: "tcp", hostname: address.host, port: address.port });
    } catch (error) {
      throw toListenError(error, address);
    }
    const stop = serve(listener, accept);
    return {
      address: { ...address, port: listener.addr.port ?? address.port },
      close: () => Promise.resolve(stop()),
    };
  }
  const file = await takeSocketFile(
    address.path,
    (path) => Promise.resolve(open({ transport: "unix", path })),
    (listener) => Promise.resolve(listener.close()),
    options,
  );
  const stop = serve(file.bound, accept);
  let closing: Promise<void> | undefined;
  return { address, close: () => closing ??= file.release().finally(stop) };
}

/** Returns a function that stops it. */
function serve(listener: DenoListener, accept: Accept): () => void {
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      try {
        void new Connection(await listener.accept(), accept).run();
      } catch {
        // Out of descriptors, or the client left before it was accepted. Neither ends the listener.
        if (!stopped) await new Promise((resolve) => setTimeout(resolve, ACCEPT_AGAIN_MS));
      }
    }
  };
  void loop();
  return () => {
    if (stopped) return;
    stopped = true;
    listener.close();
  };
}

class Connection implements ByteSocket {
  readonly #conn: DenoConn;
  readonly #handlers: SocketHandlers;
  /** A write is pending; there is never more than one. */
  #writing: Promise<void> | undefined;
  /** The caller was refused and waits for `drain`. */
  #wanted = false;
  #ending = false;
  #closed = false;
  #paused = false;
  #resumed: (() => void) | undefined;

  constructor(conn: DenoConn, accept: Accept) {
    this.#conn = conn;
    conn.setNoDelay?.(true);
    // With the system's own interval, which cannot be set here.
    conn.setKeepAlive?.(true);
    this.#handlers = accept(this);
  }

  /** Reads until the connection is over. Never rejects. */
  async run(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    let failure: Error | undefined;
    try {
      while (!this.#closed) {
        if (this.#paused) await new Promise<void>((resolve) => this.#resumed = resolve);
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        if (!this.#closed) this.#handlers.data(buffer.subarray(0, count));
      }
      // The peer has finished sending; it still gets what is queued.
      await this.#writing;
    } catch (error) {
      // Our own destroy() interrupts the read.
      if (!this.#closed) failure = error as Error;
    }
    this.destroy();
    this.#handlers.close(failure);
  }

  write(bytes: Uint8Array): number {
    if (this.#closed || this.#ending) return 0;
    if (this.#writing !== undefined) {
      this.#wanted = true;
      return 0;
    }
    const part = bytes.length > WRITE_BYTES ? bytes.subarray(0, WRITE_BYTES) : bytes;
    if (part.length < bytes.length) this.#wanted = true;
    this.#writing = this.#send(part);
    return part.length;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#resumed?.();
    this.#resumed = undefined;
  }

  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    const finish = async () => {
      await this.#writing;
      if (!this.#closed) await this.#conn.closeWrite();
    };
    finish().catch(() => this.destroy());
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resumed?.();
    this.#conn.close();
  }

  async #send(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length && !this.#closed;) {
        at += await this.#conn.write(at === 0 ? bytes : bytes.subarray(at));
      }
    } catch {
      // The peer is gone; the reading side reports it.
      this.destroy();
    }
    this.#writing = undefined;
    if (!this.#wanted || this.#closed) return;
    this.#wanted = false;
    this.#handlers.drain();
  }
}
