/** A Deno connection with the callbacks that our client expects. */
import type { DialHandlers, HttpSocket } from "../../http1/dial.ts";
import type { Reading, Turns } from "../shared/turns.ts";

/** The part of Deno's API that is used; its types are not available when the sources are checked for every runtime. */
export interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  ref(): void;
  unref(): void;
}
export interface TcpConn extends Conn {
  setNoDelay(on: boolean): void;
}
export interface TlsConn extends Conn {
  handshake(): Promise<unknown>;
}
const LEAST_READ = 4_096;
const MOST_READ = 65_536;

export class DenoSocket implements HttpSocket {
  #closed = false;
  #paused = false;
  #looping = false;
  #writing = false;
  #refused = false;
  #into: Uint8Array = new Uint8Array(LEAST_READ);
  readonly #reading: Reading;
  readonly #conn: Conn;
  readonly #handlers: DialHandlers;

  constructor(conn: Conn, handlers: DialHandlers, turns: Turns) {
    this.#reading = turns.reading({
      pause: () => void (this.#paused = true),
      resume: () => {
        this.#paused = false;
        this.start();
      },
    });
    this.#conn = conn;
    this.#handlers = handlers;
  }

  start(): void {
    if (!this.#looping && !this.#paused && !this.#closed) void this.#read();
  }

  /** Takes everything if no write is pending, else nothing. */
  write(bytes: Uint8Array): number {
    if (this.#closed) return 0;
    if (this.#writing) {
      this.#refused = true;
      return 0;
    }
    this.#writing = true;
    void this.#send(bytes);
    return bytes.byteLength;
  }

  pause(): void {
    this.#reading.pause();
  }

  resume(): void {
    this.#reading.resume();
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reading.close();
    closeConn(this.#conn);
  }

  keepAlive(on: boolean): void {
    if (on) this.#conn.ref();
    else this.#conn.unref();
  }

  flushed(): boolean {
    return !this.#writing;
  }

  async #read(): Promise<void> {
    this.#looping = true;
    try {
      while (!this.#paused && !this.#closed) {
        const into = this.#into;
        const count = await this.#conn.read(into);
        if (this.#closed) return;
        if (count === null) return this.#over(undefined);
        // An empty read, not the end.
        if (count === 0) continue;
        this.#handlers.data(this.#taken(into, count));
        this.#reading.took(count);
      }
    } catch (error) {
      this.#over(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#looping = false;
    }
  }

  /** Copies the bytes. A connection that fills its buffer gets a larger one, up to a limit. */
  #taken(into: Uint8Array, count: number): Uint8Array {
    if (count * 2 <= into.length) return into.slice(0, count);
    const size = count === into.length ? Math.min(MOST_READ, into.length * 4) : into.length;
    this.#into = new Uint8Array(size);
    return into.subarray(0, count);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#conn.write(at === 0 ? bytes : bytes.subarray(at));
        if (this.#closed) return;
      }
      this.#writing = false;
      if (!this.#refused) return;
      this.#refused = false;
      this.#handlers.drain();
    } catch {
      // What the upstream sent before closing is still read; the end of the stream shows the rest.
    }
  }

  #over(error: Error | undefined): void {
    if (this.#closed) return;
    this.destroy();
    this.#handlers.close(error);
  }
}

export function closeConn(conn: Conn): void {
  try {
    conn.close();
  } catch {
    // It was already closed.
  }
}
