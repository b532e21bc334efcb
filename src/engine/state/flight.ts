/** A call in progress that identical calls wait for. */
import { type Link, LinkedList } from "./linked_list.ts";

/** How it ended. `yours`: its caller cancelled, and the receiver must make the call. */
export type End<V> =
  | { readonly kind: "answer"; readonly answer: V }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "yours" };

export class Joiner<V> implements Link<Joiner<V>> {
  previous: Joiner<V> | undefined;
  next: Joiner<V> | undefined;
  list: unknown;
  readonly onEnd: (end: End<V>) => void;

  constructor(onEnd: (end: End<V>) => void) {
    this.onEnd = onEnd;
  }
}

export class Flight<V> {
  readonly #joiners = new LinkedList<Joiner<V>>();

  /** `onEnd`, which must not throw, is called once, unless the joiner leaves before. */
  join(onEnd: (end: End<V>) => void): Joiner<V> {
    const joiner = new Joiner(onEnd);
    this.#joiners.append(joiner);
    return joiner;
  }

  leave(joiner: Joiner<V>): void {
    this.#joiners.remove(joiner);
  }

  /** Ends the wait of all. */
  land(end: End<V>): void {
    for (let joiner = this.#joiners.first; joiner !== undefined; joiner = this.#joiners.first) {
      this.#joiners.remove(joiner);
      joiner.onEnd(end);
    }
  }

  /** Passes the call to the one that waited longest; false if nobody waits. */
  handOver(): boolean {
    const next = this.#joiners.first;
    if (next === undefined) return false;
    this.#joiners.remove(next);
    next.onEnd({ kind: "yours" });
    return true;
  }
}
