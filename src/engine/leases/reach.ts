/** Whether the store can be reached, and what a runtime may do while it cannot. */
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { within } from "../../core/async/within.ts";
import type { SharedStore } from "./shared_store.ts";

/** Calls may be waiting for the answer. */
const ASK_MS = 1_000;
const AGAIN_MS = 1_000;

export interface ReachOptions {
  readonly store: SharedStore;
  readonly clock: Clock;
  /** How long limits go on without the store, each runtime with its part, ms. */
  readonly maxAwayMs: number;
  readonly onChange?: ((away: boolean) => void) | undefined;
}

export class Reach {
  /** How many runtimes share the store. */
  members: () => number = () => 1;
  readonly #options: ReachOptions;
  /** Monotonic ms. */
  #awaySince: number | undefined;
  #part = 1;
  #timer: unknown;
  #closed = false;
  /** The store's clock minus this machine's. */
  #offsetMs = 0;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** Rejects if the store does not answer; from then on it is away, until it answers again. */
  async ask<T>(work: (store: SharedStore) => Promise<T>): Promise<T> {
    const { store, clock } = this.#options;
    try {
      const result = await within(work(store), { clock, timeoutMs: ASK_MS, late: silent });
      this.#back();
      return result;
    } catch (error) {
      this.#lost();
      throw error;
    }
  }

  /** Epoch ms by the store's clock: without it, runtimes whose clocks are ahead would be served first. */
  now(): number {
    return this.#options.clock.now() + this.#offsetMs;
  }

  /** Something was changed between these times of this machine's clock. */
  learnTime(changedAt: number, from: number, to: number): void {
    this.#offsetMs = changedAt - (from + to) / 2;
  }

  get awayMs(): number {
    return this.#awaySince === undefined ? 0 : this.#options.clock.monotonic() - this.#awaySince;
  }

  /** As `Lender.part`. */
  part(): number | undefined {
    if (this.#awaySince === undefined) return undefined;
    return this.awayMs > this.#options.maxAwayMs ? 0 : this.#part;
  }

  close(): void {
    this.#closed = true;
    this.#options.clock.clearTimeout(this.#timer);
  }

  #lost(): void {
    const { clock, onChange } = this.#options;
    if (this.#closed) return;
    if (this.#awaySince === undefined) {
      this.#awaySince = clock.monotonic();
      this.#part = 1 / this.members();
      onChange?.(true);
    }
    this.#timer ??= clock.setTimeout(() => {
      this.#timer = undefined;
      void this.ask((store) => store.get("hour", "members.0")).catch(() => {});
    }, AGAIN_MS);
  }

  #back(): void {
    if (this.#awaySince === undefined || this.#closed) return;
    this.#awaySince = undefined;
    this.#options.onChange?.(false);
  }
}

function silent(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "shared.unreachable",
    message: `the store that runtimes share did not answer within ${ASK_MS} ms`,
  });
}
