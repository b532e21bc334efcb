/**
 * A streamed request body that can be sent more than once: what was read of it is kept, up to a limit, so that another attempt
 * begins with that and goes on where the first one stopped.
 */

/** Takes so many bytes from whoever's memory it is; false: they must not be kept. */
export type Hold = (bytes: number) => boolean;

export class Upload {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #hold: Hold;
  readonly #kept: Uint8Array[] = [];
  /** Nothing of it is missing in what is kept. */
  #whole = true;
  #ended = false;
  #reading: Promise<Uint8Array | undefined> | undefined;
  #attempt = 0;
  #cancelled = false;

  constructor(source: ReadableStream<Uint8Array>, hold: Hold) {
    this.#reader = source.getReader();
    this.#hold = hold;
  }

  /** Whether another attempt could send it from its start. */
  get repeatable(): boolean {
    return this.#whole;
  }

  /** For the next attempt; the one before gets nothing more. */
  open(): ReadableStream<Uint8Array> {
    const attempt = ++this.#attempt;
    this.#cancelled = false;
    let at = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const piece = this.#kept[at] ?? await this.#next();
        if (attempt !== this.#attempt) return;
        at++;
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel: (reason) => {
        if (attempt !== this.#attempt) return;
        this.#cancelled = true;
        if (!this.#whole) this.release(reason);
      },
    }, { highWaterMark: 0 });
  }

  /** There will be no other attempt: what the last one does not want is not wanted. */
  settle(): void {
    if (this.#cancelled) this.release("the upstream does not read the rest");
  }

  /** The source is not read any further. */
  release(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reader.cancel(reason).catch(() => {});
  }

  /** Undefined: the end. A piece that an attempt waited for when it failed is there for the next. */
  #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    return this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  async #read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#reader.read();
    if (done) {
      this.#ended = true;
      return undefined;
    }
    if (this.#whole && value instanceof Uint8Array && this.#hold(value.byteLength)) {
      // The caller may write into its own memory again.
      this.#kept.push(value.slice());
    } else {
      this.#whole = false;
      this.#kept.length = 0;
    }
    return value;
  }
}
