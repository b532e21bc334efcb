/** A streamed answer that several calls read: each from its start, at its own pace, while it is still arriving. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { KeptBytes } from "../keep/kept_bytes.ts";

export interface SharedEvents {
  /** It holds so many bytes more, or fewer. False: there is no room for all of it. */
  readonly onBytes: (change: number) => boolean;
  /** All of it is here. */
  readonly onWhole: (body: Uint8Array) => void;
  /** It is too long to be kept. */
  readonly onTooLong: () => void;
  readonly onFailed: (error: unknown) => void;
  /** Nobody reads it any more, though it has not ended. */
  readonly onLeft: () => void;
}

interface Reader {
  at: number;
  readonly fail: (error: unknown) => void;
}

const BLOCK_BYTES = 4_096;
/** How far those who joined may be behind where not all is kept. */
const WINDOW_BYTES = 65_536;

/**
 * Read at the pace of whoever reads longest, so that none who joined holds it up; one who would be ahead waits. All of it is kept
 * while it has no more than `maxBytes`, afterwards what somebody has still to read.
 */
export class SharedBody {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #maxBytes: number;
  readonly #events: SharedEvents;
  readonly #kept = new KeptBytes(BLOCK_BYTES);
  /** The longest there first. */
  readonly #readers = new Set<Reader>();
  #isWhole = true;
  #outcome: { readonly error?: unknown } | undefined;
  #reading: Promise<void> | undefined;
  #waiting: (() => void)[] = [];

  constructor(body: ReadableStream<Uint8Array>, maxBytes: number, events: SharedEvents) {
    this.#source = body.getReader();
    this.#maxBytes = maxBytes;
    this.#events = events;
  }

  /** Whether somebody reads it besides the one who leaves. */
  get isShared(): boolean {
    return this.#readers.size > 1;
  }

  /** @throws ConnectorError `idempotency.not_kept` */
  open(): ReadableStream<Uint8Array> {
    if (!this.#isWhole) throw notKept();
    let reader: Reader;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        reader = { at: 0, fail: (error) => controller.error(error) };
        this.#readers.add(reader);
      },
      pull: (controller) => this.#hand(reader, controller),
      cancel: (reason) => {
        this.#leave(reader);
        if (this.#readers.size > 0 || this.#outcome !== undefined) return;
        this.#end({ error: reason });
        this.#source.cancel(reason).catch(() => {});
        this.#events.onLeft();
      },
    }, { highWaterMark: 0 });
  }

  /** Ends it for all. */
  fail(error: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#end({ error });
    for (const reader of this.#readers) reader.fail(error);
    this.#readers.clear();
    this.#events.onFailed(error);
  }

  async #hand(
    reader: Reader,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    while (this.#readers.has(reader)) {
      const piece = this.#kept.from(reader.at);
      if (piece !== undefined) {
        reader.at += piece.length;
        controller.enqueue(piece);
        this.#moved();
        return;
      }
      if (this.#outcome !== undefined) {
        if ("error" in this.#outcome) controller.error(this.#outcome.error);
        else controller.close();
        this.#leave(reader);
        return;
      }
      const [first] = this.#readers;
      const ahead = reader.at - (first?.at ?? reader.at);
      if (ahead < (this.#isWhole ? this.#maxBytes : WINDOW_BYTES)) await this.#more();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Reads one piece, whoever asked for it. Never rejects. */
  #more(): Promise<void> {
    return this.#reading ??= this.#source.read().then(({ done, value }) => {
      if (this.#outcome !== undefined) return;
      if (done) {
        const body = this.#isWhole ? this.#all() : undefined;
        this.#end({});
        if (body !== undefined) this.#events.onWhole(body);
        return;
      }
      this.#kept.append(value);
      const fits = this.#events.onBytes(value.length);
      if (this.#isWhole && (!fits || this.#kept.end > this.#maxBytes)) {
        this.#isWhole = false;
        this.#events.onTooLong();
      }
      this.#dropBehind();
      this.#moved();
    }, (error: unknown) => this.fail(error)).finally(() => this.#reading = undefined);
  }

  #all(): Uint8Array {
    const all = new Uint8Array(this.#kept.length);
    for (let at = 0, piece = this.#kept.from(0); piece; piece = this.#kept.from(at)) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  /** Whoever was there first is waited for, so it is never behind. */
  #dropBehind(): void {
    if (this.#isWhole) return;
    const [, ...joined] = this.#readers;
    for (const reader of joined) {
      if (this.#kept.end - reader.at <= WINDOW_BYTES) continue;
      this.#readers.delete(reader);
      reader.fail(notKept());
    }
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    this.#moved();
  }

  #end(outcome: { readonly error?: unknown }): void {
    this.#outcome = outcome;
    // What is left for readers is little, and theirs for a short time; it no longer counts as growing.
    this.#events.onBytes(-this.#kept.length);
    this.#wake();
  }

  /** Forgets what nobody needs, and lets those go on who were ahead. */
  #moved(): void {
    if (!this.#isWhole) {
      let least = this.#kept.end;
      for (const { at } of this.#readers) if (at < least) least = at;
      const forgotten = this.#kept.forget(least);
      if (forgotten > 0 && this.#outcome === undefined) this.#events.onBytes(-forgotten);
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one();
  }
}

/** The call was made, so it must not be made again. */
export function notKept(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "idempotency.not_kept",
    message:
      "the call with the idempotency key was made, and its streamed answer is too long to be kept: " +
      "it cannot be given again; to make the call once more, use another key",
    origin: "caller",
    sent: "committed",
  });
}
