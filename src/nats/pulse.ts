/** One timer for all virtual connections of a process. It runs only while there are any. */
import type { Clock } from "../core/clock.ts";
import { BEAT_MS } from "./virtual_socket.ts";

interface Beating {
  beat(now: number, late: boolean): void;
}

export class Pulse {
  readonly #clock: Clock;
  readonly #all = new Set<Beating>();
  #timer: unknown;
  #dueAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(one: Beating): void {
    this.#all.add(one);
    if (this.#timer === undefined) this.#arm();
  }

  remove(one: Beating): void {
    this.#all.delete(one);
    if (this.#all.size > 0 || this.#timer === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#dueAt = this.#clock.monotonic() + BEAT_MS;
    this.#timer = this.#clock.setTimeout(() => this.#beat(), BEAT_MS);
  }

  #beat(): void {
    const now = this.#clock.monotonic();
    // A process that stood still has not heard anyone: what they sent is still to be read.
    const late = now - this.#dueAt >= BEAT_MS;
    this.#arm();
    for (const one of [...this.#all]) one.beat(now, late);
  }
}
