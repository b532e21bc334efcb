/** Bytes that a connection holds in memory for its calls, against the most that it may hold. */
export class ByteBudget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Holding these too would be more than the limit. */
  exceededBy(bytes: number): boolean {
    return this.#held + bytes > this.#limit;
  }

  take(bytes: number): void {
    this.#held += bytes;
  }

  giveBack(bytes: number): void {
    this.#held -= bytes;
  }
}
