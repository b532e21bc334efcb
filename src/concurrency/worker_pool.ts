import { wholeAboveZero } from "../core/check_number.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { CapacityLimiter, type Place } from "./limiter.ts";
import { unordered } from "./unordered.ts";
import type { WaitOptions } from "./wait_queue.ts";

export interface WorkerPoolOptions {
  /** Items processed at once. */
  readonly workers: number;
  /** Items that may wait for a worker. Default: as many as there are workers. */
  readonly queueSize?: number | undefined;
}

/** Processes items with a fixed number of workers, which take them from a bounded queue. */
export class WorkerPool<T, R> {
  readonly #work: (item: T, signal: AbortSignal) => R | PromiseLike<R>;
  readonly #workers: CapacityLimiter;
  readonly #places: CapacityLimiter;

  constructor(
    work: (item: T, signal: AbortSignal) => R | PromiseLike<R>,
    options: WorkerPoolOptions,
  ) {
    const { workers, queueSize = workers } = options;
    this.#work = work;
    this.#workers = new CapacityLimiter(wholeAboveZero("concurrency.options", "workers", workers));
    wholeAboveZero("concurrency.options", "queueSize", queueSize);
    this.#places = new CapacityLimiter(workers + queueSize);
  }

  /** Items in progress. */
  get working(): number {
    return this.#workers.held;
  }

  /** Items that wait for a worker. */
  get queued(): number {
    return this.#workers.waiting;
  }

  /** The result for one item. Rejects with a RateLimited `concurrency.full` if the queue is full. */
  submit(item: T, options: WaitOptions = {}): Promise<Awaited<R>> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const place = this.#places.tryAcquire();
    return place === undefined
      ? Promise.reject(full(this.#places.limit))
      : this.#run(item, place, signal ?? new AbortController().signal);
  }

  /**
   * The results for all items, in order of completion. An item is only taken from the source when the queue has room.
   * A failure or leaving the loop cancels what is in progress for this source.
   */
  process(
    source: Iterable<T> | AsyncIterable<T>,
    options: WaitOptions = {},
  ): AsyncGenerator<Awaited<R>, void, undefined> {
    const work = async (item: T, signal: AbortSignal): Promise<Awaited<R>> =>
      await this.#run(item, await this.#places.acquire({ signal }), signal);
    return unordered<T, Awaited<R>>(source, work, {
      limit: this.#places.limit,
      signal: options.signal,
    });
  }

  async #run(item: T, place: Place, signal: AbortSignal): Promise<Awaited<R>> {
    let worker: Place | undefined;
    try {
      worker = await this.#workers.acquire({ signal });
      return await this.#work(item, signal);
    } finally {
      worker?.release();
      place.release();
    }
  }
}

function full(places: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "concurrency.full",
    message:
      `All ${places} places of workers and queue are taken: try later, or pass the items to \`process\``,
  });
}
