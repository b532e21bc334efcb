import type { Position } from "./position.ts";
import type { Schema } from "./schema.ts";
import type { Condition, Json, Selector } from "./selector.ts";

/** `finalResult()`: how the items of a stream become one value. */
export type Accumulator =
  /**
   * Deep merge of all items: objects by key, lists of objects by their `index` property (else by position), scalars
   * replaced, null and absent values ignored; strings at a path in `concat` are joined. Then keys are renamed and constants set.
   */
  | {
    readonly style: "merge";
    readonly concat: readonly Selector[];
    readonly index: string;
    readonly rename: readonly { readonly from: string; readonly to: string }[];
    readonly set: readonly { readonly key: string; readonly value: Json }[];
    readonly result: Schema;
  }
  /** The first item that meets `when` has the whole result at `take`. */
  | {
    readonly style: "event";
    readonly when: readonly Condition[];
    readonly take: Selector;
    readonly result: Schema;
  }
  /** Each rule whose `when` holds is applied, in order, to the value built so far. */
  | {
    readonly style: "rules";
    readonly rules: readonly AccumulatorRule[];
    readonly result: Schema;
  }
  /** A hook of kind `accumulate`. */
  | { readonly style: "hook"; readonly hook: string; readonly result: Schema };

export interface AccumulatorRule {
  readonly when: readonly Condition[];
  /** `parse`: the JSON text at `target` is replaced by its value; needs no `from`. */
  readonly action: "set" | "merge" | "concat" | "push" | "parse";
  readonly target: Selector;
  readonly from?: Selector;
}

export interface StreamModel {
  /** On the request body (`$body.stream`) or the input (`$input.watch`). Empty: the operation always streams. */
  readonly when: readonly Condition[];
  readonly format: "sse" | "ndjson" | "json-seq" | "bytes";
  /** Asked for. Absent: what the format says. */
  readonly accept?: string;
  /** `bytes` for format bytes. */
  readonly item: Schema;
  /** End marker of the stream: data equal to it, or a condition on an item. Without it the end of the body is the end. */
  readonly done?:
    | { readonly kind: "data"; readonly text: string }
    /** SSE only: an event of this name. */
    | { readonly kind: "event"; readonly event: string }
    /** The item that ends the stream is itself yielded. */
    | { readonly kind: "item"; readonly when: readonly Condition[] };
  /** SSE only: events with other names are skipped. Empty: all are items. */
  readonly events: readonly string[];
  /** SSE only: names of events that are errors. Absent: `error`, unless that is one of `events`. */
  readonly errorEvents?: readonly string[];
  readonly errorMessage?: Selector;
  /** A value at this path (not null) is an error inside the stream. */
  readonly error?: Selector;
  readonly errorWhen: readonly Condition[];
  /** Text of one item. */
  readonly text?: Selector;
  /** Only items that meet these conditions have text at `text`. Absent: all with a value there. */
  readonly textWhen?: readonly Condition[];
  readonly accumulate?: Accumulator;
  readonly at: Position;
}
