/** How the items of a stream become one value. The ways to do it are in accumulators.ts. */
export interface Accumulator {
  /** The value so far (undefined before the first item) and the next item → the value. May change the value in place. */
  readonly add: (value: unknown, item: unknown) => unknown;
  /** Throws when what came does not amount to a result. */
  readonly finish?: (value: unknown) => unknown;
}
