/** What a streaming operation resolves to. */
import { type Deferred, deferred } from "../../core/deferred.ts";
import { badAnswer, type ConnectorError, invalidRequest } from "../../core/errors.ts";
import { END, iteratorOf, select } from "../../sse/mod.ts";
import { allHold } from "../../core/rules/condition.ts";
import type { ItemSource } from "./item_source.ts";
import type { StreamData } from "../data/stream.ts";
import { type TeeOptions, teeSource } from "./tee.ts";

/**
 * The items of one streamed answer, once. Leaving a `for await` early, `cancel()` and `await using` end the call upstream.
 * Errors inside the stream, a broken connection, and an end that the API did not mark reject the read where they happen.
 */
export class EventStream<Item, Result = never> implements AsyncIterable<Item>, AsyncDisposable {
  /** The API's request id if it sends one; else the runtime's. */
  readonly requestId: string;
  readonly #source: ItemSource<Item>;
  readonly #data: StreamData;
  #taken: string | undefined;
  readonly #result: Deferred<Result> = deferred<Result>();

  constructor(source: ItemSource<Item>, data: StreamData, requestId: string) {
    this.#source = source;
    this.#data = data;
    this.requestId = requestId;
    // A caller that does not ask for the final result must not see its failure twice.
    this.#result.promise.catch(() => {});
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Item, undefined> {
    return this.#items("iterated over");
  }

  /** Ends the call upstream; pending reads end too. */
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
    const items = this.#items("turned into a ReadableStream");
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
   * Two streams with all items each. The faster one waits once it is `maxBuffered` items ahead (default: 1,024), or fails
   * with `stream.tee_stalled` if nobody has started to read the other. The call ends once both are cancelled.
   */
  tee(options: TeeOptions = {}): [EventStream<Item, Result>, EventStream<Item, Result>] {
    this.#take("split by tee()");
    const [left, right] = teeSource(this.#source, options);
    const streamOf = (source: ItemSource<Item>): EventStream<Item, Result> =>
      new EventStream(source, this.#data, this.requestId);
    return [streamOf(left), streamOf(right)];
  }

  /** The text of all items. Rejects with `stream.no_text` if the spec does not say where items have their text. */
  async text(): Promise<string> {
    let all = "";
    for await (const piece of this.textStream) all += piece;
    return all;
  }

  /** The text of each item that has any. */
  get textStream(): AsyncIterableIterator<string, undefined> {
    const { text, textWhen = [] } = this.#data;
    if (!text) throw nothingSaid("stream.no_text", "text");
    const items = this.#items("read as text");
    return iteratorOf<string>(async () => {
      for (;;) {
        const found = await items.next();
        if (found.done) return found;
        const value = allHold(textWhen, found.value) ? select(text, found.value) : "";
        if (typeof value === "string" && value !== "") return { done: false, value };
      }
    }, () => items.return?.());
  }

  /**
   * The result of combining all items. Reads the stream itself unless it is already being read. Rejects with whatever
   * ends the stream early, with `stream.empty` if no item arrived to build a result from, and with `stream.no_result` if the
   * spec declares no accumulation.
   */
  async finalResult(): Promise<Result> {
    if (!this.#data.accumulate) throw nothingSaid("stream.no_result", "declared sum");
    if (!this.#taken) {
      const items = this.#items("read for its final result");
      while (!(await items.next()).done);
    }
    return this.#result.promise;
  }

  #take(how: string): void {
    if (this.#taken) {
      throw invalidRequest(
        "stream.consumed",
        `The stream was already ${this.#taken}: it can be read once; tee() gives two`,
      );
    }
    this.#taken = how;
  }

  // Written by hand for the same reason as in src/sse: no more promises than items.
  #items(how: string): AsyncIterableIterator<Item, undefined> {
    this.#take(how);
    const source = this.#source;
    const result = this.#result;
    const { accumulate } = this.#data;
    let sum: unknown;
    let done = false;
    let busy: Promise<unknown> | undefined;

    const passed = (found: IteratorResult<Item, undefined>): typeof found => {
      if (!found.done) sum = accumulate?.add(sum, found.value);
      else if (!done) {
        done = true;
        if (sum === undefined) result.reject(empty());
        else {
          Promise.resolve(sum).then(accumulate?.finish).then(
            (value) => result.resolve(value as Result),
            result.reject,
          );
        }
      }
      return found;
    };
    const failed = (error: unknown): Promise<never> => {
      done = true;
      result.reject(error);
      return Promise.reject(error);
    };
    const step = (): Promise<IteratorResult<Item, undefined>> =>
      done ? Promise.resolve(END) : source.next().then(passed).catch(failed);

    const next = (): Promise<IteratorResult<Item, undefined>> => {
      // Most items of a fast stream have already arrived, and then cost one promise.
      if (!busy && !done) {
        try {
          const found = source.ready?.();
          if (found) return Promise.resolve(passed(found));
        } catch (error) {
          return failed(error);
        }
      }
      const turn = busy ? busy.then(step, step) : step();
      busy = turn;
      const settled = (): void => {
        if (busy === turn) busy = undefined;
      };
      turn.then(settled, settled);
      return turn;
    };
    return iteratorOf(next, () => {
      if (done) return undefined;
      done = true;
      return this.cancel();
    });
  }
}

function nothingSaid(code: string, what: string): ConnectorError {
  return invalidRequest(code, `The items of this stream have no ${what}: iterate over them`);
}

function empty(): ConnectorError {
  return badAnswer(
    "stream.empty",
    "The stream is complete, but none of its items belongs to the final result",
  );
}

function incomplete(): ConnectorError {
  return badAnswer(
    "stream.cancelled",
    "The stream was left before its end, so there is no final result",
    { origin: "caller" },
  );
}
