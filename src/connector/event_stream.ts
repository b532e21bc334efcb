/** What a streaming operation resolves to. */
import { ConnectorError, ErrorClass, invalidRequest } from "../core/errors.ts";
import { select } from "../sse/mod.ts";
import { allHold } from "./condition.ts";
import type { ItemSource } from "./item_source.ts";
import type { StreamSpec } from "./stream_spec.ts";
import { type TeeOptions, teeSource } from "./tee.ts";

/**
 * The items of one streamed answer, once. Leaving a `for await` early, `cancel()` and `await using` end the call upstream.
 * Errors inside the stream, a cut, and an end before the API marked one reject the read where they happen.
 */
export class EventStream<Item, Result = never> implements AsyncIterable<Item>, AsyncDisposable {
  /** The API's own, where it sends one; else the runtime's. */
  readonly requestId: string;
  readonly #source: ItemSource<Item>;
  readonly #spec: StreamSpec;
  #taken: string | undefined;
  #value: unknown;
  readonly #result: PromiseWithResolvers<Result> = Promise.withResolvers<Result>();

  constructor(source: ItemSource<Item>, spec: StreamSpec, requestId: string) {
    this.#source = source;
    this.#spec = spec;
    this.requestId = requestId;
    // Who does not ask for the final result must not be told of its failure twice.
    this.#result.promise.catch(() => {});
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Item, undefined> {
    this.#take("iterated over");
    return this.#iterator();
  }

  /** Ends the call upstream; reads that wait end too. */
  async cancel(reason?: unknown): Promise<void> {
    this.#taken ??= "cancelled";
    this.#result.reject(reason ?? incomplete());
    await this.#source.cancel(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  /** Items as a web stream, pulled one at a time. Cancelling it ends the call. */
  toReadableStream(): ReadableStream<Item> {
    this.#take("turned into a ReadableStream");
    const items = this.#iterator();
    return new ReadableStream<Item>({
      async pull(controller) {
        const { done, value } = await items.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /**
   * Two streams with all items each. The faster one waits when it is `maxBuffered` items ahead (default: 1,024), or fails
   * with `stream.tee_stalled` when nobody has begun to read the other. Both cancelled: the call ends.
   */
  tee(options: TeeOptions = {}): [EventStream<Item, Result>, EventStream<Item, Result>] {
    this.#take("split by tee()");
    const [left, right] = teeSource(this.#source, options);
    return [
      new EventStream<Item, Result>(left, this.#spec, this.requestId),
      new EventStream<Item, Result>(right, this.#spec, this.requestId),
    ];
  }

  /** The text of all items. Rejects with `stream.no_text` where the spec does not say where items have their text. */
  async text(): Promise<string> {
    let all = "";
    for await (const piece of this.textStream) all += piece;
    return all;
  }

  /** The text of each item that has some. */
  get textStream(): AsyncIterableIterator<string, undefined> {
    const { text: path, textWhen: when = [] } = this.#spec;
    if (path === undefined) {
      throw invalidRequest(
        "stream.no_text",
        "The items of this stream have no text: iterate over them",
      );
    }
    this.#take("read as text");
    const items = this.#iterator();
    const texts: AsyncIterableIterator<string, undefined> = {
      [Symbol.asyncIterator]: () => texts,
      return: async () => {
        await items.return?.();
        return { done: true, value: undefined };
      },
      next: async () => {
        for (;;) {
          const { done, value } = await items.next();
          if (done) return { done: true, value: undefined };
          if (!allHold(when, value)) continue;
          const text = select(path, value);
          if (typeof text === "string" && text !== "") return { done: false, value: text };
        }
      },
    };
    return texts;
  }

  /**
   * What the items amount to when all have come. Reads the stream itself unless somebody does already. Rejects with what
   * ends the stream early, and with `stream.no_result` where the spec declares no accumulation.
   */
  async finalResult(): Promise<Result> {
    if (this.#spec.accumulate === undefined) {
      throw invalidRequest(
        "stream.no_result",
        "The items of this stream have no declared sum: iterate over them",
      );
    }
    if (this.#taken === undefined) {
      this.#take("read for its final result");
      const items = this.#iterator();
      while (!(await items.next()).done);
    }
    return this.#result.promise;
  }

  #take(how: string): void {
    if (this.#taken !== undefined) {
      throw invalidRequest(
        "stream.consumed",
        `The stream was already ${this.#taken}: it can be read once; tee() gives two`,
      );
    }
    this.#taken = how;
  }

  #iterator(): AsyncIterableIterator<Item, undefined> {
    const accumulate = this.#spec.accumulate;
    const observe = (item: Item): void => {
      if (accumulate !== undefined) this.#value = accumulate.add(this.#value, item);
    };
    const finish = (): void => {
      if (accumulate === undefined) return;
      try {
        this.#result.resolve(
          (accumulate.finish === undefined
            ? this.#value
            : accumulate.finish(this.#value)) as Result,
        );
      } catch (error) {
        this.#result.reject(error);
      }
    };
    const fail = (error: unknown): never => {
      this.#result.reject(error);
      throw error;
    };
    return new ItemIterator(this.#source, observe, finish, fail, () => this.cancel());
  }
}

function incomplete(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "stream.cancelled",
    message: "The stream was left before its end, so there is no final result",
    origin: "caller",
    sent: "committed",
  });
}

// By hand for the same reason as in src/sse: no more promises than items.
class ItemIterator<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #source: ItemSource<Item>;
  readonly #observe: (item: Item) => void;
  readonly #finish: () => void;
  readonly #fail: (error: unknown) => never;
  readonly #cancel: () => Promise<void>;
  #done = false;
  #busy: Promise<unknown> | undefined;

  constructor(
    source: ItemSource<Item>,
    observe: (item: Item) => void,
    finish: () => void,
    fail: (error: unknown) => never,
    cancel: () => Promise<void>,
  ) {
    this.#source = source;
    this.#observe = observe;
    this.#finish = finish;
    this.#fail = fail;
    this.#cancel = cancel;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    // Most items of a fast stream are here already, and then cost one promise.
    if (this.#busy === undefined && !this.#done && this.#source.ready !== undefined) {
      try {
        const result = this.#source.ready();
        if (result !== undefined) return Promise.resolve(this.#passed(result));
      } catch (error) {
        return this.#failed(error);
      }
    }
    const turn = this.#busy === undefined
      ? this.#step()
      : this.#busy.then(() => this.#step(), () => this.#step());
    this.#busy = turn;
    const settled = (): void => {
      if (this.#busy === turn) this.#busy = undefined;
    };
    turn.then(settled, settled);
    return turn;
  }

  #step(): Promise<IteratorResult<Item, undefined>> {
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    return this.#source.next().then(
      (result) => this.#passed(result),
      (error: unknown) => this.#failed(error),
    );
  }

  #passed(result: IteratorResult<Item, undefined>): IteratorResult<Item, undefined> {
    if (!result.done) this.#observe(result.value);
    else if (!this.#done) {
      this.#done = true;
      this.#finish();
    }
    return result;
  }

  #failed(error: unknown): Promise<never> {
    this.#done = true;
    return new Promise(() => this.#fail(error));
  }

  async return(): Promise<IteratorResult<Item, undefined>> {
    if (!this.#done) {
      this.#done = true;
      await this.#cancel();
    }
    return { done: true, value: undefined };
  }
}
