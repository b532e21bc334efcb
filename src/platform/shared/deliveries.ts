/**
 * Hands on what several sockets brought in one turn of the event loop together, after all of them were read. What is done with an
 * answer is a lot of code; run for one answer right after the other it takes two thirds of the time that it takes with the
 * system's network code in between. A socket that is alone is not kept waiting.
 */
interface Receiver {
  data(bytes: Uint8Array): void;
}

export class Deliveries {
  #to: Receiver[] = [];
  #bytes: Uint8Array[] = [];
  #next = 0;
  #scheduled = false;
  /** Sockets in use. */
  #busy = 0;
  readonly #schedule: (flush: () => void) => void;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  /** @param schedule calls back once the other sockets that are ready have been read. */
  constructor(schedule: (flush: () => void) => void) {
    this.#schedule = schedule;
  }

  /** One more socket is in use, or one less. */
  use(sockets: 1 | -1): void {
    this.#busy += sockets;
  }

  hand(to: Receiver, bytes: Uint8Array): void {
    if (this.#busy < 2 && this.#to.length === 0) return to.data(bytes);
    this.#to.push(to);
    this.#bytes.push(bytes);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(this.#flush);
  }

  /** Everything that waits, now: what comes next must not overtake it. */
  flush(): void {
    try {
      while (this.#next < this.#to.length) {
        const at = this.#next++;
        this.#to[at]?.data(this.#bytes[at] as Uint8Array);
      }
      this.#to = [];
      this.#bytes = [];
      this.#next = 0;
    } finally {
      // A receiver failed: the others get theirs all the same.
      if (this.#next < this.#to.length && !this.#scheduled) {
        this.#scheduled = true;
        this.#schedule(this.#flush);
      }
    }
  }
}
