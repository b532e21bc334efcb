/** An intrusive list: members hold their neighbours, so everything takes constant time and allocates nothing. */

export interface Link<T> {
  previous: T | undefined;
  next: T | undefined;
  /** The list that it is in, if any. */
  list: unknown;
}

export class LinkedList<T extends Link<T>> {
  #first: T | undefined;
  #last: T | undefined;

  get first(): T | undefined {
    return this.#first;
  }

  has(item: T): boolean {
    return item.list === this;
  }

  append(item: T): void {
    item.list = this;
    item.previous = this.#last;
    item.next = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
  }

  remove(item: T): void {
    if (item.list !== this) return;
    if (item.previous === undefined) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) this.#last = item.previous;
    else item.next.previous = item.previous;
    item.previous = item.next = item.list = undefined;
  }
}
