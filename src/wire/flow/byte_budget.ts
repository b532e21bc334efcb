import type { Share } from "./shared_budget.ts";

/** Who says that it holds no more. */
export type Limit = "connection" | "process";

/** Bytes that a connection holds for its calls, against the most that it may hold, out of what the process may. */
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

  /** Whose limit would be exceeded by holding these too; undefined: no one's. */
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
