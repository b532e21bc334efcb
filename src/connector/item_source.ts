/** Items one at a time, out of the frames of a body. */
import { systemClock } from "../core/clock.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { type Batches, select } from "../sse/mod.ts";
import { apiError, matchRule } from "./api_error.ts";
import { allHold } from "./condition.ts";
import { errorSource, type Exchange, type Plan } from "./execute.ts";
import type { Frame, StreamSpec } from "./stream_spec.ts";

export interface ItemSource<Item> {
  /** What is here already, without a promise; undefined when `next` has to wait. Throws what `next` would reject with. */
  ready?(): IteratorResult<Item, undefined> | undefined;
  next(): Promise<IteratorResult<Item, undefined>>;
  /** Ends the call behind it. Idempotent. */
  cancel(reason?: unknown): Promise<void>;
}

/** The stream ended before the API said that it was complete. What came is right as far as it goes, and not all. */
export class TruncatedStreamError extends ConnectorError {
  override readonly name: string = "TruncatedStreamError";
}

/** A server that keeps the connection open after its sentinel is not waited for longer than this. */
const LINGER_MS = 1000;
const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
const SKIP = Symbol("skip");

export class FrameSource<Item> implements ItemSource<Item> {
  readonly #batches: Batches<Frame>;
  readonly #spec: StreamSpec;
  readonly #plan: Plan;
  readonly #exchange: Exchange;
  #batch: readonly Frame[] = [];
  #at = 0;
  #over = false;
  /** The item that is handed out is the last one. */
  #complete = false;

  constructor(work: Plan, exchange: Exchange, spec: StreamSpec) {
    this.#plan = work;
    this.#exchange = exchange;
    this.#spec = spec;
    this.#batches = spec.format(exchange.reply.body, {
      signal: work.options.signal,
      maxEventBytes: work.context.options.maxEventBytes,
    });
  }

  ready(): IteratorResult<Item, undefined> | undefined {
    try {
      return this.#fromBatch();
    } catch (error) {
      this.#stop(error);
      throw error;
    }
  }

  /** Calls must not overlap. */
  next(): Promise<IteratorResult<Item, undefined>> {
    try {
      const found = this.ready();
      return found === undefined ? this.#read() : Promise.resolve(found);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#batch = [];
    await this.#batches.cancel(reason);
  }

  async #read(): Promise<IteratorResult<Item, undefined>> {
    try {
      for (;;) {
        const batch = await this.#batches.read();
        if (this.#over) return END;
        if (batch === undefined) return this.#end();
        this.#batch = batch;
        this.#at = 0;
        const found = this.#fromBatch();
        if (found !== undefined) return found;
      }
    } catch (error) {
      this.#stop(error);
      throw error;
    }
  }

  #fromBatch(): IteratorResult<Item, undefined> | undefined {
    if (this.#over) return END;
    while (this.#at < this.#batch.length) {
      const item = this.#decode(this.#batch[this.#at++] as Frame);
      if (this.#over) return END;
      if (item === SKIP) continue;
      if (this.#complete) this.#release();
      return { done: false, value: item as Item };
    }
    return undefined;
  }

  #decode(frame: Frame): unknown {
    const spec = this.#spec;
    if (frame instanceof Uint8Array) return frame;
    const data = typeof frame === "string" ? frame : frame.data;
    if (data === spec.done) {
      this.#release();
      return SKIP;
    }
    const item = spec.raw ? data : this.#parse(data);
    if (spec.error !== undefined || spec.errorWhen !== undefined) this.#refuseError(item);
    if (
      typeof frame !== "string" && spec.events !== undefined &&
      !spec.events.includes(frame.event ?? "message")
    ) {
      return SKIP;
    }
    if (typeof spec.done === "object" && allHold(spec.done, item)) this.#complete = true;
    return item;
  }

  #parse(data: string): unknown {
    try {
      return JSON.parse(data);
    } catch (cause) {
      throw this.#error(
        "stream.bad_item",
        `An item of the stream is not JSON: ${JSON.stringify(data.slice(0, 80))}`,
        cause,
      );
    }
  }

  #refuseError(item: unknown): void {
    const { error, errorWhen } = this.#spec;
    const found = error === undefined ? undefined : select(error, item);
    const isError = (found !== undefined && found !== null) ||
      (errorWhen !== undefined && allHold(errorWhen, item));
    if (!isError) return;
    const source = errorSource(this.#plan);
    const { reply } = this.#exchange;
    throw apiError(source, reply, item, matchRule(source, reply, item, true), true);
  }

  #end(): IteratorReturnResult<undefined> {
    this.#over = true;
    if (this.#spec.done === undefined) return END;
    const text = "The stream ended before the API marked its end, so it is not complete";
    const { reply } = this.#exchange;
    throw new TruncatedStreamError({
      ...this.#facts(),
      code: "stream.truncated",
      message: text,
      attempts: reply.attempts,
    });
  }

  #error(code: string, message: string, cause: unknown): ConnectorError {
    return new ConnectorError({ ...this.#facts(), code, message, cause });
  }

  #facts() {
    const { reply } = this.#exchange;
    return {
      errorClass: ErrorClass.Permanent,
      origin: "upstream",
      sent: "committed",
      requestId: reply.requestId,
      attempts: reply.attempts,
    } as const;
  }

  #stop(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#batch = [];
    this.#batches.cancel(error).catch(() => {});
  }

  /** Everything is here. Reading to the end of the body lets its connection be used again; cancelling would close it. */
  #release(): void {
    this.#over = true;
    this.#batch = [];
    const batches = this.#batches;
    const cancel = (): void => {
      batches.cancel().catch(() => {});
    };
    const timer = systemClock.setTimeout(cancel, LINGER_MS);
    batches.read().then((rest) => rest === undefined ? undefined : cancel(), () => {}).finally(() =>
      systemClock.clearTimeout(timer)
    );
  }
}
