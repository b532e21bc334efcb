/** Where a JSON text has whole numbers that programs see as the text of their digits, since a JavaScript number may not hold them. */

export interface DigitNode {
  /** The value itself is one. */
  readonly self?: true;
  /** What stands under these names, or at these places of a list; null: none. */
  readonly at?: Readonly<Record<string, number | null>>;
  /** What stands under all other names and at all other places. */
  readonly all?: number;
}

/** Nodes refer to each other by index, since types refer to themselves. */
export type DigitTable = readonly DigitNode[];
