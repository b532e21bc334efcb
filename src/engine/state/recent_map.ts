/**
 * A map of bounded size, whatever keys callers invent: the least recently used are forgotten. It fills one half and,
 * when that is full, drops the other: no list to keep in order, no allocation for a known key.
 */
export class RecentMap<V extends object> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  /** Calls come in runs: the one used last is nearly always the next. */
  #lastKey: string | undefined;
  #last: V | undefined;
  readonly #half: number;
  readonly #create: (key: string) => V;

  /** Holds at most `most` values (at least 2), and always the `most / 2` used last. */
  constructor(most: number, create: (key: string) => V) {
    this.#half = Math.max(1, Math.floor(most / 2));
    this.#create = create;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The value of a key, created if there is none. */
  get(key: string): V {
    if (key === this.#lastKey) return this.#last as V;
    const value = this.#young.get(key) ?? this.#renewed(key);
    this.#lastKey = key;
    this.#last = value;
    return value;
  }

  #renewed(key: string): V {
    const value = this.#old.get(key) ?? this.#create(key);
    this.#old.delete(key);
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }

  *entries(): IterableIterator<[string, V]> {
    yield* this.#old;
    yield* this.#young;
  }
}
