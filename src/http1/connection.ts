/** One connection: one exchange at a time, then idle until the next or until it is closed. */
import type { DialHandlers, HttpSocket } from "./dial.ts";
import { AnswerParser, type AnswerSink, type ParserOptions } from "./parser.ts";
import { HeadWriter } from "./request.ts";

/** The exchange that a connection is busy with. */
export interface Job extends AnswerSink {
  readonly method: string;
  /** Whether its whole request was passed to the connection. */
  readonly sent: boolean;
  /** Whether its answer lets the connection carry another one. */
  readonly persistent: boolean;
  /** Everything from one read was passed to the sink. */
  settle(): void;
  lost(error: unknown): void;
}

/** The owner, which keeps connections for later. */
export interface Owner {
  opened(connection: Connection): void;
  refused(connection: Connection, error: unknown): void;
  /** It may be used again. Called once per exchange. */
  idle(connection: Connection, job: Job): void;
  /** Closed, by either side. */
  gone(connection: Connection): void;
}

/** One for all: what it wrote is given to a socket at once, or copied. */
const writer = new HeadWriter();

export class Connection implements DialHandlers {
  /** When it becomes too old to be used again; set by its owner. */
  expiresAt = 0;
  /** Exchanges started on it. */
  uses = 0;
  /** Whether any byte of the current request was given to the system. */
  wrote = false;
  /** Whether any byte of the current answer arrived. */
  received = false;
  #socket: HttpSocket | undefined;
  #job: Job | undefined;
  #closed = false;
  #paused = false;
  #queue: Uint8Array[] = [];
  #onDrained: (() => void) | undefined;
  readonly #parser: AnswerParser;
  readonly #owner: Owner;

  constructor(owner: Owner, options: ParserOptions) {
    this.#owner = owner;
    this.#parser = new AnswerParser(options);
  }

  /** Sends the head, along with a small body. */
  begin(job: Job, head: string, body: Uint8Array | null): void {
    this.uses++;
    this.wrote = false;
    this.received = false;
    this.#job = job;
    this.#parser.begin(job.method, job);
    const bytes = writer.write(head, body);
    const taken = this.#socket?.write(bytes) ?? 0;
    if (taken > 0) this.wrote = true;
    // The writer reuses its memory.
    if (taken < bytes.length) this.#queue.push(bytes.slice(taken));
  }

  /** Sends more of the request. True if the socket took everything. */
  write(bytes: Uint8Array): boolean {
    if (this.#queue.length > 0) {
      this.#queue.push(bytes);
      return false;
    }
    const taken = this.#socket?.write(bytes) ?? 0;
    if (taken > 0) this.wrote = true;
    if (taken === bytes.length) return true;
    this.#queue.push(bytes.subarray(taken));
    return false;
  }

  /** Whether nothing waits for the socket. */
  get drained(): boolean {
    return this.#queue.length === 0;
  }

  /** Calls back once, when nothing waits for the socket any more. */
  onDrained(callback: () => void): void {
    this.#onDrained = callback;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket?.resume();
  }

  /** Whether it keeps the process alive. */
  hold(on: boolean): void {
    this.#socket?.keepAlive?.(on);
  }

  /** Closes at once, without telling the exchange on it. */
  destroy(): void {
    if (this.#closed) return;
    this.#end();
    this.#socket?.destroy();
  }

  /** Closes at once and tells the exchange why. */
  abandon(error: Error): void {
    const job = this.#job;
    this.destroy();
    job?.lost(error);
  }

  open(socket: HttpSocket): void {
    this.#socket = socket;
    this.#owner.opened(this);
  }

  failed(error: unknown): void {
    this.#closed = true;
    this.#owner.refused(this, error);
  }

  data(bytes: Uint8Array): void {
    const job = this.#job;
    if (this.#closed) return;
    // Unexpected: there is no request that this could answer.
    if (job === undefined) return this.destroy();
    this.received = true;
    let used: number;
    try {
      used = this.#parser.push(bytes);
    } catch (error) {
      this.destroy();
      return job.lost(error);
    }
    if (!this.#parser.open) {
      this.#job = undefined;
      const reusable = job.persistent && job.sent && used === bytes.length &&
        this.#queue.length === 0 && this.#socket?.flushed?.() !== false;
      if (reusable) {
        this.resume();
        this.#owner.idle(this, job);
      } else this.destroy();
    }
    job.settle();
  }

  drain(): void {
    while (this.#queue.length > 0) {
      const bytes = this.#queue[0] as Uint8Array;
      const taken = this.#socket?.write(bytes) ?? 0;
      if (taken > 0) this.wrote = true;
      if (taken < bytes.length) {
        this.#queue[0] = bytes.subarray(taken);
        return;
      }
      this.#queue.shift();
    }
    const callback = this.#onDrained;
    this.#onDrained = undefined;
    callback?.();
  }

  close(error?: Error): void {
    if (this.#closed) return;
    const job = this.#job;
    this.#end();
    if (job === undefined) return;
    if (error !== undefined) return job.lost(error);
    try {
      this.#parser.end();
    } catch (cut) {
      return job.lost(cut);
    }
    job.settle();
  }

  #end(): void {
    this.#closed = true;
    this.#job = undefined;
    this.#queue.length = 0;
    this.#owner.gone(this);
    const callback = this.#onDrained;
    this.#onDrained = undefined;
    callback?.();
  }
}
