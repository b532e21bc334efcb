/** Figures by two names that callers choose. Once it is full, new names are counted under `other`, so that nobody can fill the memory. */

/** Replaces names for which there is no room. */
export const OTHER = "other";

export class Bounded<V> {
  readonly #most: number;
  readonly #create: () => V;
  readonly #values = new Map<string, Map<string, V>>();
  #size = 0;

  constructor(most: number, create: () => V) {
    this.#most = most;
    this.#create = create;
  }

  /** Does not allocate for known names: it is called for every call. */
  get(first: string, second = ""): V {
    const found = this.#values.get(first)?.get(second);
    if (found !== undefined) return found;
    if (this.#size < this.#most || first === OTHER) return this.#add(first, second);
    return this.get(OTHER, second === "" ? "" : OTHER);
  }

  *entries(): IterableIterator<[first: string, second: string, value: V]> {
    for (const [first, inner] of this.#values) {
      for (const [second, value] of inner) yield [first, second, value];
    }
  }

  #add(first: string, second: string): V {
    const value = this.#create();
    const inner = this.#values.get(first);
    if (inner === undefined) this.#values.set(first, new Map([[second, value]]));
    else inner.set(second, value);
    this.#size++;
    return value;
  }
}
