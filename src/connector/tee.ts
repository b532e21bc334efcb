/** One stream for two readers, with a bound on what is kept for the slower one. */
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { positive } from "./context.ts";
import type { ItemSource } from "./item_source.ts";

export interface TeeOptions {
  /** Items that one branch may be ahead of the other. Default: 1,024. */
  readonly maxBuffered?: number | undefined;
}

type Result<Item> = IteratorResult<Item, undefined>;

export function teeSource<Item>(
  source: ItemSource<Item>,
  options: TeeOptions,
): [ItemSource<Item>, ItemSource<Item>] {
  const limit = positive("maxBuffered", options.maxBuffered ?? 1024);
  const shared = new Shared(source, limit);
  const left = new Branch(shared);
  const right = new Branch(shared);
  left.other = right;
  right.other = left;
  return [left, right];
}

class Shared<Item> {
  readonly source: ItemSource<Item>;
  readonly limit: number;
  #pulling: Promise<Result<Item>> | undefined;

  constructor(source: ItemSource<Item>, limit: number) {
    this.source = source;
    this.limit = limit;
  }

  /** One read at a time; whoever asks meanwhile waits for the same one. */
  pull(deliver: (result: Promise<Result<Item>>) => void): Promise<void> {
    if (this.#pulling === undefined) {
      const reading = this.source.next();
      this.#pulling = reading;
      deliver(reading);
      const over = (): void => {
        this.#pulling = undefined;
      };
      reading.then(over, over);
    }
    return this.#pulling.then(() => {}, () => {});
  }
}

class Branch<Item> implements ItemSource<Item> {
  other: Branch<Item> | undefined;
  readonly #shared: Shared<Item>;
  #queue: Promise<Result<Item>>[] = [];
  #begun = false;
  #closed = false;
  #room: (() => void) | undefined;

  constructor(shared: Shared<Item>) {
    this.#shared = shared;
  }

  async next(): Promise<Result<Item>> {
    this.#begun = true;
    for (;;) {
      if (this.#closed) return { done: true, value: undefined };
      const first = this.#queue.shift();
      if (first !== undefined) {
        this.#makeRoom();
        const result = await first;
        // The end stays, for whoever asks again.
        if (result.done) this.#queue.unshift(first);
        return result;
      }
      const other = this.other as Branch<Item>;
      if (!other.#closed && other.#queue.length >= this.#shared.limit) await other.#wait();
      else await this.#shared.pull((reading) => this.#deliver(reading, other));
    }
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#makeRoom();
    if (this.other !== undefined && this.other.#closed) await this.#shared.source.cancel(reason);
  }

  #deliver(reading: Promise<Result<Item>>, other: Branch<Item>): void {
    reading.catch(() => {});
    if (!this.#closed) this.#queue.push(reading);
    if (!other.#closed) other.#queue.push(reading);
  }

  /** Until this branch, which is behind, has read on. */
  #wait(): Promise<void> {
    if (!this.#begun) {
      throw new ConnectorError({
        errorClass: ErrorClass.InvalidRequest,
        code: "stream.tee_stalled",
        message:
          `One branch of tee() is ${this.#shared.limit} items ahead and nobody reads the other: read both at the same time, or raise maxBuffered`,
        origin: "caller",
        sent: "committed",
      });
    }
    return new Promise((resolve) => this.#room = resolve);
  }

  #makeRoom(): void {
    this.#room?.();
    this.#room = undefined;
  }
}
