/** Many requests with a concurrency limit and a time limit. */
import { aboveZero, wholeAboveZero } from "../core/check_number.ts";
import type { Clock } from "../core/clock.ts";
import { ConnectorError, ErrorClass, type Sent, toConnectorError } from "../core/errors.ts";
import { cancelled } from "../core/async/within.ts";
import { follow, type Follower } from "../concurrency/follow.ts";
import { startTimer } from "../concurrency/timer.ts";
import { unordered } from "../concurrency/unordered.ts";
import type { HTTPResponse } from "../client/mod.ts";
import type { ApiRequest, ApiRequestOptions } from "./request.ts";

/** A request with options of its own, which override those for all. */
export interface BatchItem extends ApiRequest, ApiRequestOptions {}

export interface BatchOptions {
  /** Calls in flight at once. Default: 10. */
  readonly maxConcurrency?: number | undefined;
  /**
   * Time limit of the whole batch, in milliseconds: finished requests are kept, those in flight are cancelled, waiting ones are never sent;
   * both end as Timeout. Default: no limit.
   */
  readonly timeoutMs?: number | undefined;
  /** If true, the first failure cancels the others and is thrown. Default: false, failures are results. */
  readonly raiseOnError?: boolean | undefined;
  /** Cancels every call, as the time limit does; the rest is `call.cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Options of every request that has none of its own. Its `timeoutMs` starts when the request is sent, not while it waits. */
  readonly each?: ApiRequestOptions | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

interface Place {
  /** Index of the request, from 0. */
  readonly index: number;
  readonly request: BatchItem;
}

export type BatchResult =
  | Place & { readonly ok: true; readonly response: HTTPResponse; readonly error?: undefined }
  | Place & { readonly ok: false; readonly error: ConnectorError; readonly response?: undefined };

type Send = (request: ApiRequest, options: ApiRequestOptions) => Promise<HTTPResponse>;

/** One run over many requests. Its creator must close it. */
export class Batch {
  readonly #options: BatchOptions;
  readonly #limit: number;
  readonly #send: Send;
  readonly #follower: Follower;
  readonly #stopTimer: (() => void) | undefined;
  #isLate = false;
  #reader: AbortSignal | undefined;

  /** Throws an InvalidRequest `batch.options` for invalid limits. */
  constructor(options: BatchOptions, send: Send) {
    const { maxConcurrency = 10, timeoutMs, clock } = options;
    this.#options = options;
    this.#limit = wholeAboveZero("batch.options", "maxConcurrency", maxConcurrency);
    if (timeoutMs !== undefined) aboveZero("batch.options", "timeoutMs", timeoutMs);
    this.#send = send;
    this.#follower = follow(options.signal);
    if (timeoutMs === undefined) return;
    this.#stopTimer = startTimer(timeoutMs, () => {
      this.#isLate = !this.#signal.aborted;
      this.#follower.controller.abort(late("maybe"));
    }, clock);
  }

  get #signal(): AbortSignal {
    return this.#follower.controller.signal;
  }

  /**
   * Results as they arrive. A request is taken from its source when there is room for it; once the batch has ended by time or signal, none
   * is any more.
   */
  async *results(
    requests: Iterable<BatchItem> | AsyncIterable<BatchItem>,
  ): AsyncGenerator<BatchResult, void, undefined> {
    const { raiseOnError } = this.#options;
    const places = this.#until(requests);
    const all = unordered(places, (place, reader) => {
      this.#followReader(reader);
      return this.#run(place);
    }, {
      limit: this.#limit,
    });
    for await (const result of all) {
      if (raiseOnError && !result.ok) throw result.error;
      yield result;
    }
    if (raiseOnError && this.#hasEnded) throw this.#unsent();
  }

  /** One result per request, in order. */
  async all(requests: Iterable<BatchItem>): Promise<BatchResult[]> {
    const { raiseOnError } = this.#options;
    const items = [...requests];
    const found: (BatchResult | undefined)[] = items.map(() => undefined);
    let next = 0;
    let first: ConnectorError | undefined;
    // What `results` does in one after the other's turn, without the turns: they cost more than the rest of a batch.
    const lane = async (): Promise<void> => {
      while (next < items.length && !this.#signal.aborted) {
        const index = next++;
        const result = await this.#run({ index, request: items[index] as BatchItem });
        found[index] = result;
        if (!raiseOnError || result.ok || first !== undefined) continue;
        first = result.error;
        this.#follower.controller.abort(first);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#limit, items.length) }, lane));
    if (first !== undefined) throw first;
    if (raiseOnError && this.#hasEnded) throw this.#unsent();
    return items.map((request, index) =>
      found[index] ?? { index, request, ok: false, error: this.#unsent() }
    );
  }

  close(): void {
    this.#stopTimer?.();
    this.#follower.leave();
  }

  #until(
    requests: Iterable<BatchItem> | AsyncIterable<BatchItem>,
  ): Iterable<Place> | AsyncIterable<Place> {
    return Symbol.asyncIterator in requests
      ? this.#untilAsync(requests)
      : this.#untilSync(requests);
  }

  /** A queue that is already there costs no waiting. */
  *#untilSync(requests: Iterable<BatchItem>): Generator<Place, void, undefined> {
    let index = 0;
    for (const request of requests) {
      if (this.#signal.aborted) return;
      yield { index: index++, request };
    }
  }

  async *#untilAsync(requests: AsyncIterable<BatchItem>): AsyncGenerator<Place, void, undefined> {
    const items = requests[Symbol.asyncIterator]();
    try {
      for (let index = 0; !this.#signal.aborted; index++) {
        const next = await orAbort(items.next(), this.#signal);
        if (next === undefined || next.done === true) return;
        yield { index, request: next.value };
      }
    } finally {
      // Not waited for: a source in the middle of a wait closes only after that.
      void Promise.resolve(items.return?.()).then(undefined, () => {});
    }
  }

  async #run({ index, request }: Place): Promise<BatchResult> {
    const { each } = this.#options;
    // Most requests have no signal of their own, and share the batch's.
    const own = request.signal === undefined && each?.signal === undefined
      ? undefined
      : follow(this.#signal, request.signal, each?.signal);
    const signal = own?.controller.signal ?? this.#signal;
    try {
      const options = optionsOf(request, each, signal);
      return { index, request, ok: true, response: await this.#send(request, options) };
    } catch (error) {
      return { index, request, ok: false, error: this.#failure(toConnectorError(error)) };
    } finally {
      own?.leave();
    }
  }

  /** A reader that leaves, and a failure that is thrown, end the calls in flight. */
  #followReader(reader: AbortSignal): void {
    if (this.#reader === reader) return;
    this.#reader = reader;
    reader.addEventListener("abort", () => this.#follower.controller.abort(reader.reason));
  }

  /** A call cancelled by the time limit is a Timeout, however the cancellation was reported. */
  #failure(error: ConnectorError): ConnectorError {
    const isCancelled = error === this.#signal.reason || error.code === "call.cancelled";
    return this.#isLate && isCancelled ? late(error.sent) : error;
  }

  /** By time or by its caller, not because everything is done. */
  get #hasEnded(): boolean {
    return this.#isLate || this.#options.signal?.aborted === true;
  }

  #unsent(): ConnectorError {
    return this.#isLate ? late("no") : cancelled(this.#options.signal, "no");
  }
}

/** The request's own win. Field by field, as a copy of what there is takes longer. */
function optionsOf(
  item: BatchItem,
  each: ApiRequestOptions | undefined,
  signal: AbortSignal,
): ApiRequestOptions {
  return {
    timeoutMs: item.timeoutMs ?? each?.timeoutMs,
    retries: item.retries ?? each?.retries,
    tenantId: item.tenantId ?? each?.tenantId,
    workspaceId: item.workspaceId ?? each?.workspaceId,
    traceId: item.traceId ?? each?.traceId,
    traceparent: item.traceparent ?? each?.traceparent,
    idempotencyKey: item.idempotencyKey ?? each?.idempotencyKey,
    signal,
  } satisfies { readonly [Key in keyof ApiRequestOptions]-?: ApiRequestOptions[Key] };
}

/** The value of the promise, or undefined if the signal aborts first. */
function orAbort<T>(pending: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined);
    const leave = () => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    pending.then(resolve, reject).finally(leave);
  });
}

function late(sent: Sent): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "deadline.exceeded",
    message: sent === "no"
      ? "The batch's time limit passed before this request was sent"
      : "The batch's time limit passed before the answer arrived",
    sent,
  });
}
