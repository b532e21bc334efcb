/** Where a JSON text has whole numbers that a JavaScript number may not hold: programs see their digits as text, or a `bigint`. */

export interface DigitNode {
  /** The value itself is one. `true`: text. */
  readonly self?: true | "bigint";
  /** What stands under these names, or at these places of a list; null: none. */
  readonly at?: Readonly<Record<string, number | null>>;
  /** What stands under all other names and at all other places. */
  readonly all?: number;
}

/** Nodes refer to each other by index, since types refer to themselves. */
export type DigitTable = readonly DigitNode[];

/** Parses JSON. `json`: its values become JSON again, which has no `bigint`, so that text stands in its place. */
export type JsonReader = (text: string, json?: boolean) => unknown;
