import { apiRequestId } from "../answer/api_error.ts";
import { Call } from "../call/call.ts";
import { allHold } from "../../core/rules/condition.ts";
import type { ConnectorClient } from "../call/client.ts";
import { EventStream } from "./event_stream.ts";
import { decode } from "../call/execute.ts";
import { prepare, type Work } from "../call/work.ts";
import { frameSource } from "./item_source.ts";
import type { CallOptions } from "../data/options.ts";
import { END, iteratorOf } from "../../sse/mod.ts";
import type { OperationData } from "../data/operation.ts";
import type { StreamData } from "../data/stream.ts";
import type { Exchange } from "../data/request.ts";

/** A call whose value is a stream. Await it for the stream, or read it directly. */
export class StreamCall<Item, Result = never> extends Call<EventStream<Item, Result>>
  implements AsyncIterable<Item> {
  override readonly kind = "stream";

  /** Sends the call at the first read. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Item, undefined> {
    return later(this, (stream) => stream[Symbol.asyncIterator]());
  }

  /** See {@link EventStream.textStream}. */
  get textStream(): AsyncIterableIterator<string, undefined> {
    return later(this, (stream) => stream.textStream);
  }

  /** See {@link EventStream.text}. */
  async text(): Promise<string> {
    return (await this).text();
  }

  /** See {@link EventStream.finalResult}. */
  async finalResult(): Promise<Result> {
    return (await this).finalResult();
  }
}

/** The operation streams, whatever its input. */
export function stream<Item, Result = never>(
  client: ConnectorClient,
  operation: OperationData,
  input?: unknown,
  options?: CallOptions,
): StreamCall<Item, Result> {
  return streamOf(prepare(client, operation, input, options), operation.stream as StreamData);
}

/** The operation streams if its input says so. */
export function callOrStream<Value, Item, Result = never>(
  client: ConnectorClient,
  operation: OperationData,
  input?: unknown,
  options?: CallOptions,
): Call<Value> | StreamCall<Item, Result> {
  const work = prepare(client, operation, input, options);
  const streams = operation.stream as StreamData;
  return allHold(streams.when ?? [], work.input)
    ? streamOf(work, streams)
    : new Call<Value>(work, (at, exchange) => decode(at, exchange) as Value | Promise<Value>);
}

function streamOf<Item, Result>(work: Work, data: StreamData): StreamCall<Item, Result> {
  const accept = data.accept ?? work.operation.accept;
  const streaming = accept ? { ...work, operation: { ...work.operation, accept } } : work;
  const open = (at: Work, exchange: Exchange): EventStream<Item, Result> =>
    new EventStream<Item, Result>(
      frameSource<Item>(at, exchange, data),
      data,
      apiRequestId(at.client.connector.errors, exchange.reply),
    );
  return new StreamCall<Item, Result>(streaming, open);
}

function later<Item, T>(
  call: Call<T>,
  open: (value: T) => AsyncIterableIterator<Item, undefined>,
): AsyncIterableIterator<Item, undefined> {
  let items: AsyncIterableIterator<Item, undefined> | undefined;
  let left = false;
  return iteratorOf<Item>(() => {
    if (items) return items.next();
    return left ? Promise.resolve(END) : call.then((value) => (items ??= open(value)).next());
  }, () => {
    left = true;
    return items?.return?.();
  });
}
