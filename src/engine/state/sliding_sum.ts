/** A sum over a sliding window, in slots: constant memory and work however many amounts are added. */
export class SlidingSum {
  readonly #slots: Float64Array;
  readonly #slotMs: number;
  #sum = 0;
  /** Number of the newest slot, counted from the clock's origin. */
  #newest = 0;

  /** Covers between `slots - 1` and `slots` times `slotMs`. Amounts should be whole, so that the sum stays exact. */
  constructor(slots: number, slotMs: number) {
    this.#slots = new Float64Array(slots);
    this.#slotMs = slotMs;
  }

  add(now: number, amount: number): void {
    this.#moveTo(now);
    const at = this.#newest % this.#slots.length;
    this.#slots[at] = (this.#slots[at] ?? 0) + amount;
    this.#sum += amount;
  }

  sum(now: number): number {
    this.#moveTo(now);
    return this.#sum;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#sum = 0;
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / this.#slotMs);
    if (slot <= this.#newest) return;
    if (slot - this.#newest >= this.#slots.length) this.clear();
    else {
      for (let passed = this.#newest + 1; passed <= slot; passed++) {
        const at = passed % this.#slots.length;
        this.#sum -= this.#slots[at] ?? 0;
        this.#slots[at] = 0;
      }
    }
    this.#newest = slot;
  }
}
