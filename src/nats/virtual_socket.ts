/**
 * A byte stream between a client and a member over NATS, which looks like any other socket: the session protocol over it is the
 * same. NATS delivers at most once: a number in every message shows what was lost, and then the stream ends, as if a cable were cut.
 */
import type { ByteSocket, SocketHandlers } from "../core/platform.ts";
import type { Bus } from "./bus.ts";
import { distance, Packet, packet, PACKET_HEAD_BYTES, type Received } from "./packet.ts";

/** Both sides say that often that they are there. */
export const BEAT_MS = 1_000;
/** A side that was not heard for so long is gone. */
export const SILENCE_MS = 5_000;
/** So many bytes are published before the server must have taken them. */
const WINDOW_BYTES = 512 * 1024;
/** So many bytes wait for a side that reads nothing. NATS has no way to make a sender wait, and what it sends is not asked for. */
export const MOST_HELD_BYTES: number = 4 * 1024 * 1024;
const NO_BYTES = new Uint8Array(0);

export class NobodyThere extends Error {
  constructor() {
    super("nobody is there");
  }
}

export interface VirtualSocketOptions {
  readonly bus: Bus;
  readonly handlers: SocketHandlers;
  /** `clock.monotonic()` */
  readonly now: number;
  /** Where the other side reads; undefined until it has told. */
  readonly peer?: string;
  /** Chosen by the member. */
  readonly stream?: number;
  /** Where this side reads. */
  readonly own: string;
  /** Where to open the connection: the client's. */
  readonly opening?: string;
  /** What a beat says about this side. */
  readonly beat?: () => Uint8Array;
  /** The payload of an Accept or a Beat. */
  readonly onNews?: (payload: Uint8Array) => void;
  /** Whether this stream keeps the process alive; at first it does. */
  readonly onKeepAlive?: (on: boolean) => void;
  /** Called once, before the handlers' `close`. */
  readonly onGone: () => void;
}

export class VirtualSocket implements ByteSocket {
  readonly #options: VirtualSocketOptions;
  readonly bus: Bus;
  #peer: string | undefined;
  #stream: number;
  #opened: boolean;
  #sent = 0;
  #expected = 0;
  #heardAt: number;
  #inFlight = 0;
  #flushing = false;
  /** `write` took less than it was given. */
  #blocked = false;
  #paused: Uint8Array[] | undefined;
  /** Of `#paused`. */
  #held = 0;
  #closed = false;

  constructor(options: VirtualSocketOptions) {
    this.#options = options;
    this.bus = options.bus;
    this.#peer = options.peer;
    this.#opened = options.opening === undefined;
    this.#stream = options.stream ?? 0;
    this.#heardAt = options.now;
  }

  get closed(): boolean {
    return this.#closed;
  }

  // --- the socket

  write(bytes: Uint8Array): number {
    const most = this.bus.maxPayload - PACKET_HEAD_BYTES;
    let at = 0;
    while (at < bytes.length && this.#mayPublish()) {
      const piece = bytes.subarray(at, at + most);
      this.#publish(this.#opened ? Packet.Data : Packet.Open, piece);
      at += piece.length;
    }
    if (at < bytes.length) this.#blocked = true;
    return at;
  }

  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const held = this.#paused ?? [];
    this.#paused = undefined;
    this.#held = 0;
    // Whoever takes one may want no more.
    for (const bytes of held) this.#deliver(bytes);
  }

  end(): void {
    this.#leave();
  }

  destroy(): void {
    this.#leave();
  }

  keepAlive(on: boolean): void {
    this.#options.onKeepAlive?.(on);
  }

  // --- the owner

  /** Everything that arrives for this side. `reply` is where the sender reads. */
  receive({ kind, stream, number, payload }: Received, reply: string, now: number): void {
    if (this.#closed) return;
    if (kind === Packet.Accept && this.#peer === undefined) this.#stream = stream;
    // From another member that got the opening, too.
    else if (kind !== Packet.Open && stream !== this.#stream) return;
    if (kind === Packet.Unknown) {
      return this.fail(new Error("the other side does not know of it any more"));
    }
    const ahead = distance(number, this.#expected);
    // Delivered twice, as after a reconnect.
    if (ahead < 0) return;
    if (ahead > 0) return this.fail(new Error(`${ahead} messages were lost on the way`));
    this.#heardAt = now;
    // It has the number of what comes next: a beat that is lost, as while this side is looking for another server, loses nothing.
    if (kind === Packet.Beat) return this.#options.onNews?.(payload);
    this.#expected = (this.#expected + 1) >>> 0;
    if (kind === Packet.Data || kind === Packet.Open) this.#deliver(payload);
    else if (kind === Packet.End) this.#gone(undefined);
    else if (kind === Packet.Accept && this.#peer === undefined) {
      this.#peer = reply;
      this.#options.onNews?.(payload);
      this.drained();
    }
    // Any other is a newer version's.
  }

  /** The server has nobody who would get what this side sends. */
  nobody(): void {
    this.fail(new NobodyThere());
  }

  /** Says that this side is there, and notices that the other is not. `late`: this process itself stood still. */
  beat(now: number, late: boolean): void {
    if (this.#closed) return;
    if (late) this.#heardAt = now;
    const silent = now - this.#heardAt;
    if (silent >= SILENCE_MS) {
      return this.fail(new Error(`nothing was heard for ${Math.round(silent)} ms`));
    }
    if (this.#peer === undefined || !this.bus.connected) return;
    this.#publish(Packet.Beat, this.#options.beat?.() ?? NO_BYTES);
  }

  /** There may be room for writing again. */
  drained(): void {
    if (!this.#blocked || !this.#mayPublish()) return;
    this.#blocked = false;
    this.#options.handlers.drain();
  }

  fail(error: Error | undefined): void {
    if (this.#closed) return;
    this.#say(Packet.End);
    this.#gone(error);
  }

  // ---

  #mayPublish(): boolean {
    return !this.#closed && this.bus.connected && this.#inFlight < WINDOW_BYTES &&
      (this.#peer !== undefined || !this.#opened);
  }

  #publish(kind: number, payload: Uint8Array): void {
    const { opening = "", own } = this.#options;
    const bytes = packet(kind, this.#stream, this.#sent, payload);
    if (kind !== Packet.Beat) this.#sent = (this.#sent + 1) >>> 0;
    // With a reply, the server says at once if nobody is there any more.
    const reply = kind === Packet.Open || kind === Packet.Beat ? own : undefined;
    this.bus.publish(this.#peer ?? opening, bytes, reply);
    this.#opened = true;
    this.#inFlight += bytes.length;
    if (this.#inFlight >= WINDOW_BYTES) void this.#flush();
  }

  /** Tells the other side where to send; the first packet of a member. */
  accept(payload: Uint8Array): void {
    const bytes = packet(Packet.Accept, this.#stream, this.#sent, payload);
    this.bus.publish(this.#peer ?? "", bytes, this.#options.own);
    this.#sent = (this.#sent + 1) >>> 0;
  }

  async #flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    await this.bus.flush().catch(() => {});
    this.#flushing = false;
    this.#inFlight = 0;
    this.drained();
  }

  #say(kind: number): void {
    if (this.#peer === undefined || !this.bus.connected) return;
    this.#publish(kind, NO_BYTES);
  }

  #deliver(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#paused === undefined) return this.#options.handlers.data(bytes);
    this.#held += bytes.length;
    if (this.#held > MOST_HELD_BYTES) {
      this.#paused = [];
      return this.fail(new Error(`${this.#held} bytes came that nobody reads`));
    }
    this.#paused.push(bytes);
  }

  #leave(): void {
    if (this.#closed) return;
    this.#say(Packet.End);
    this.#gone(undefined);
  }

  #gone(error: Error | undefined): void {
    this.#closed = true;
    this.#options.onGone();
    // As a socket does, not within the call that closes it.
    queueMicrotask(() => this.#options.handlers.close(error));
  }
}
