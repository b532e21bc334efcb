import type { Share } from "./shared_budget.ts";

/** The limit that was reached. */
export type Limit = "connection" | "process";

/** Bytes that a connection holds for its calls, counted against its own limit and the process's. */
export class ByteBudget {
  readonly #limit: number;
  readonly #share: Share;
  #held = 0;

  constructor(limit: number, share: Share) {
    this.#limit = limit;
    this.#share = share;
  }

  get held(): number {
    return this.#held;
  }

  /** Whose limit these bytes would exceed; undefined: nobody's. */
  exceededBy(bytes: number): Limit | undefined {
    if (this.#held + bytes > this.#limit) return "connection";
    return this.#share.exceededBy(bytes) ? "process" : undefined;
  }

  take(bytes: number): void {
    this.#held += bytes;
    this.#share.take(bytes);
  }

  giveBack(bytes: number): void {
    this.#held -= bytes;
    this.#share.giveBack(bytes);
  }
}
