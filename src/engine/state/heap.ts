/** Which of many is the largest: exact, and a few steps after each change, however many there are. */

/** A member knows its place. */
export interface Heaped {
  bytes: number;
  /** -1: not in a heap. */
  place: number;
}

export class LargestFirst<T extends Heaped> {
  readonly #items: T[] = [];

  get largest(): T | undefined {
    return this.#items[0];
  }

  /** After it was made, or its bytes changed. */
  update(item: T): void {
    if (item.place < 0) item.place = this.#items.push(item) - 1;
    this.#rise(item);
    this.#sink(item);
  }

  remove(item: T): void {
    const { place } = item;
    const last = this.#items.pop();
    item.place = -1;
    if (last === undefined || last === item) return;
    this.#put(last, place);
    this.update(last);
  }

  #rise(item: T): void {
    while (item.place > 0) {
      const above = this.#items[(item.place - 1) >> 1] as T;
      if (above.bytes >= item.bytes) return;
      this.#swap(item, above);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.place + 1];
      const right = this.#items[2 * item.place + 2];
      const larger = right !== undefined && right.bytes > (left as T).bytes ? right : left;
      if (larger === undefined || larger.bytes <= item.bytes) return;
      this.#swap(larger, item);
    }
  }

  #swap(a: T, b: T): void {
    const { place } = a;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}
