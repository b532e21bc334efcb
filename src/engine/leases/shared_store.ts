/** What runtimes share: small values by key, changed by comparing revisions. NATS or Redis is behind it. */

export interface SharedEntry {
  readonly value: string;
  readonly revision: number;
  /** When it was changed, by the store's clock, epoch ms. */
  readonly changedAt: number;
}

/** How long a value is kept after its last change: limits and members for an hour, usage for 62 days, settings for ever. */
export type Shelf = "hour" | "months" | "ever";

export interface SharedStore {
  /** Rejects if the store cannot be reached in time. Keys are letters, digits, `-`, `_` and `.`. */
  get(shelf: Shelf, key: string): Promise<SharedEntry | undefined>;
  /**
   * Writes if the entry still has this revision; `undefined`: if there is none. Returns the new revision, or undefined if
   * another was faster. Rejects if that is not known.
   */
  put(
    shelf: Shelf,
    key: string,
    value: string,
    revision: number | undefined,
  ): Promise<number | undefined>;
  /** Calls back with the present value and each later one, perhaps not with those between. Never rejects; returns how to stop. */
  watch(shelf: Shelf, key: string, onValue: (value: string) => void): () => void;
  close(): Promise<void>;
}
