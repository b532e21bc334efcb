/**
 * Notices a client that stops in the middle of a frame, which would hold its connection and the frame's memory forever.
 * One that is silent between frames, or sends however slowly, is left alone.
 */
import type { Clock } from "../../core/clock.ts";

export class FrameWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onStalled: () => void;
  #incomplete = false;
  #heardAt = 0;
  #timer: unknown;

  constructor(clock: Clock, limitMs: number, onStalled: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onStalled = onStalled;
  }

  /** Bytes arrived; `incomplete` if they end inside a frame. */
  heard(incomplete: boolean): void {
    this.#incomplete = incomplete;
    if (!incomplete) return;
    this.#heardAt = this.#clock.monotonic();
    // One timer outlives many pieces: an upload arrives in thousands of them.
    this.#timer ??= this.#clock.setTimeout(() => this.#check(), this.#limitMs);
  }

  stop(): void {
    this.#incomplete = false;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    this.#timer = undefined;
    if (!this.#incomplete) return;
    const left = this.#heardAt + this.#limitMs - this.#clock.monotonic();
    if (left > 0) this.#timer = this.#clock.setTimeout(() => this.#check(), Math.ceil(left));
    else this.#onStalled();
  }
}
