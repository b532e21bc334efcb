/**
 * The sending side of a connection: frames written in one tick leave in one write; what the socket does not take, waits.
 */
import type { ByteSocket } from "../../core/platform.ts";
import type { Share } from "./shared_budget.ts";

export interface OutboxOptions {
  /** `onOverflow` is called once above this many unsent bytes. Default: 64 MiB. */
  readonly maxUnsentBytes?: number;
  /** Counts unsent bytes; running out of it is an overflow too. */
  readonly share?: Share;
  /** The peer does not read: the owner closes the connection. */
  readonly onOverflow?: (unsentBytes: number) => void;
  /** The socket was offered everything; there may be room again. */
  readonly onFlushed?: () => void;
  /** Runs the flush after the current work. Default: a microtask. */
  readonly defer?: (flush: () => void) => void;
}

const CHUNK_BYTES = 64 * 1024;
const FRAME_HEAD_BYTES = 5;

export class Outbox {
  #socket: ByteSocket | undefined;
  readonly #maxUnsentBytes: number;
  readonly #onOverflow: (unsentBytes: number) => void;
  readonly #share: Share | undefined;
  readonly #onFlushed: (() => void) | undefined;
  readonly #defer: (flush: () => void) => void;
  /** Full chunks, oldest first, then the one being filled. */
  #queue: Uint8Array[] = [];
  #open: Uint8Array | undefined;
  #openBytes = 0;
  #unsent = 0;
  #scheduled = false;
  /** The socket took less than offered: wait for its drain. */
  #blocked = false;
  #closed = false;

  constructor(socket: ByteSocket | undefined, options: OutboxOptions = {}) {
    this.#socket = socket;
    this.#maxUnsentBytes = options.maxUnsentBytes ?? 64 * 1024 * 1024;
    this.#onOverflow = options.onOverflow ?? (() => {});
    this.#share = options.share;
    this.#onFlushed = options.onFlushed;
    this.#defer = options.defer ?? ((flush) => queueMicrotask(flush));
  }

  /** For sockets that are created after their handlers. */
  attach(socket: ByteSocket): void {
    this.#socket = socket;
    if (this.#unsent > 0) this.#schedule();
  }

  get unsentBytes(): number {
    return this.#unsent;
  }

  /** Queues one frame. The payload is copied: its buffer may be reused at once. */
  frame(type: number, payload: Uint8Array): void {
    if (this.#closed) return;
    const size = FRAME_HEAD_BYTES + payload.length;
    const chunk = this.#room(size);
    let at = this.#openBytes;
    const length = payload.length + 1;
    chunk[at++] = length >>> 24;
    chunk[at++] = length >>> 16;
    chunk[at++] = length >>> 8;
    chunk[at++] = length;
    chunk[at++] = type;
    chunk.set(payload, at);
    this.#openBytes += size;
    this.#unsent += size;
    this.#share?.take(size);
    if (this.#unsent > this.#maxUnsentBytes || this.#share?.exceededBy(0) === true) {
      this.#closed = true;
      this.#onOverflow(this.#unsent);
      return;
    }
    this.#schedule();
  }

  /** The socket has room again. */
  drained(): void {
    this.#blocked = false;
    this.flush();
  }

  /** Offers everything to the socket now. */
  flush(): void {
    this.#scheduled = false;
    if (this.#blocked || this.#socket === undefined) return;
    if (this.#openBytes > 0) this.#seal();
    this.#offer(this.#socket);
    this.#onFlushed?.();
  }

  #offer(socket: ByteSocket): void {
    while (this.#queue.length > 0) {
      const chunk = this.#queue[0]!;
      const taken = socket.write(chunk);
      this.#unsent -= taken;
      this.#share?.giveBack(taken);
      if (taken < chunk.length) {
        this.#queue[0] = chunk.subarray(taken);
        this.#blocked = true;
        return;
      }
      this.#queue.shift();
    }
  }

  /** Sends what is queued, as far as the socket takes it, and accepts no more. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
  }

  /** A chunk with room for `size` more bytes. */
  #room(size: number): Uint8Array {
    if (this.#open !== undefined && this.#openBytes + size <= this.#open.length) return this.#open;
    if (this.#openBytes > 0) this.#seal();
    this.#open = new Uint8Array(Math.max(size, CHUNK_BYTES));
    this.#openBytes = 0;
    return this.#open;
  }

  /** From here on the filled part belongs to the socket; the rest of the chunk is still filled. */
  #seal(): void {
    const chunk = this.#open!;
    this.#queue.push(chunk.subarray(0, this.#openBytes));
    this.#open = this.#openBytes < chunk.length ? chunk.subarray(this.#openBytes) : undefined;
    this.#openBytes = 0;
  }

  #schedule(): void {
    if (this.#scheduled || this.#blocked) return;
    this.#scheduled = true;
    this.#defer(() => this.flush());
  }
}
