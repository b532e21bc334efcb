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
  readonly #inForce: ((value: V) => boolean) | undefined;

  /**
   * Holds at most `most` values (at least 2), and always the `most / 2` used last. `inForce`: for values that must not be forgotten
   * because others are asked for; up to `most / 4` of them stay, and as many fewer of those used last.
   */
  constructor(most: number, create: (key: string) => V, inForce?: (value: V) => boolean) {
    this.#half = Math.max(1, Math.floor(most / 2));
    this.#create = create;
    this.#inForce = inForce;
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
    if (this.#young.size >= this.#half) this.#turn();
    this.#young.set(key, value);
    return value;
  }

  /** The old half is dropped, but for what is in force. */
  #turn(): void {
    const dropped = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    if (this.#inForce === undefined) return;
    for (const [key, value] of dropped) {
      if (this.#young.size >= this.#half >> 1) return;
      if (this.#inForce(value)) this.#young.set(key, value);
    }
  }

  some(is: (value: V) => boolean): boolean {
    for (const value of this.#young.values()) if (is(value)) return true;
    for (const value of this.#old.values()) if (is(value)) return true;
    return false;
  }

  *entries(): IterableIterator<[string, V]> {
    yield* this.#old;
    yield* this.#young;
  }
}
