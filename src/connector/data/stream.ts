/** How the body of an answer becomes a stream of items, as data. */
import type { Batches, DecodeOptions, SelectorPath, ServerSentEvent } from "../../sse/mod.ts";
import type { JsonReader } from "./digits.ts";
import type { Condition } from "../../core/rules/condition.ts";

/** Text of one item, an event that carries it, or bytes, which are an item themselves. */
export type Frame = string | Uint8Array | ServerSentEvent;
export type StreamFormat = (
  body: Uint8Array | ReadableStream<Uint8Array>,
  options: DecodeOptions,
) => Batches<Frame>;

/** How the items of a stream become one value. The implementations are in stream/accumulators.ts. */
export interface Accumulator {
  /** The value so far (undefined before the first item) and the next item → the value. May change the value in place. */
  readonly add: (value: unknown, item: unknown) => unknown;
  /** Throws if the items do not add up to a result. */
  readonly finish?: (value: unknown) => unknown;
}

export interface StreamData {
  readonly format: StreamFormat;
  /** Conditions on the request body; absent: the operation always streams. */
  readonly when?: readonly Condition[];
  /** Sent as Accept. */
  readonly accept?: string;
  /** Data that ends the stream, or conditions on the item that ends it (and is itself an item). */
  readonly done?: string | readonly Condition[];
  /** Name of the server-sent event that ends it, whatever its data. */
  readonly doneEvent?: string;
  /** Names of server-sent events that are items; absent: all. */
  readonly events?: readonly string[];
  /** Reads an item. Default: `JSON.parse`. */
  readonly parse?: JsonReader;
  /** Items are text, not JSON. */
  readonly raw?: true;
  /** Names of server-sent events that are errors. Default: `error`, unless it is among the items. */
  readonly errorEvents?: readonly string[];
  /** Where an error inside the stream has its message; tried before the connector's own place for it. */
  readonly errorMessage?: SelectorPath;
  /** A value at this path means an error. */
  readonly error?: SelectorPath;
  readonly errorWhen?: readonly Condition[];
  readonly text?: SelectorPath;
  /** Only items that meet these conditions have text. */
  readonly textWhen?: readonly Condition[];
  readonly accumulate?: Accumulator;
}
