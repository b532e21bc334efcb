/**
 * What a member says to whoever asks. Asking costs a stranger nearly nothing, and NATS' client keeps what the server has not taken:
 * while too much is on its way, nothing more is said. Whoever asked asks again.
 */
import type { Bus } from "./bus.ts";

/** So many bytes are on their way to the server at most, and one answer more. */
export const MOST_ANSWERS_BYTES: number = 4 * 1024 * 1024;
/** What an answer costs beside its payload, about. */
const ANSWER_BYTES = 256;

export class Answers {
  readonly #bus: Bus;
  #onTheWay = 0;
  #flushing = false;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  get full(): boolean {
    return this.#onTheWay >= MOST_ANSWERS_BYTES || !this.#bus.connected;
  }

  /** False if it is not said. */
  say(subject: string, payload: Uint8Array): boolean {
    if (this.full) return false;
    this.#bus.publish(subject, payload);
    this.count(payload);
    return true;
  }

  /** One that somebody else says. */
  count(payload: Uint8Array): void {
    this.#onTheWay += payload.length + ANSWER_BYTES;
    if (!this.#flushing) void this.#flush();
  }

  /** What was published before a flush has been taken when the server answers it. */
  async #flush(): Promise<void> {
    this.#flushing = true;
    while (this.#onTheWay > 0) {
      const before = this.#onTheWay;
      await this.#bus.flush().catch(() => {});
      this.#onTheWay -= before;
    }
    this.#flushing = false;
  }
}
