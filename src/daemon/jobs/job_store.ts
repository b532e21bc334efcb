/** Where calls wait, and their results. */

/** A job handed to this member. Unless it says something about it, another member gets it after a while. */
export interface Delivery {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** 1 for the first time. */
  readonly attempt: number;
  /** It is still at work. */
  working(): void;
  /** It is done. Rejects if that could not be said. */
  done(): Promise<void>;
  /** Somebody shall try again after this time. */
  again(afterMs: number): void;
  /** Nobody shall try again. */
  drop(): void;
}

export interface JobStore {
  /** Largest job, in bytes. */
  readonly maxBytes: number;
  /** The same id within minutes is one job. Rejects with `submit.queue_full`, `submit.unavailable`. */
  add(id: string, bytes: Uint8Array): Promise<void>;
  /** Hands out jobs, at most so many at once. Returns how to take no more. */
  take(atOnce: number, run: (delivery: Delivery) => Promise<void>): () => void;
  /** Keeps a value for a day under the id: `submitted`, then `result`. */
  put(id: string, name: ValueName, bytes: Uint8Array): Promise<void>;
  get(id: string, name: ValueName): Promise<Uint8Array | undefined>;
  /** Calls back when the value is put; returns how to stop that. */
  watch(id: string, name: ValueName, onPut: () => void): () => void;
}

export type ValueName = "submitted" | "result";
