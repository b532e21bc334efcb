/** Units that are leased and not used yet. Times are those of one clock, whichever. */

interface Stretch {
  /** Its units are earned one after the other from here. */
  start: number;
  /** Since when it is here. */
  readonly since: number;
  units: number;
}

export class Stock {
  readonly #unitMs: number;
  readonly #burstMs: number;
  /** In the order in which they may be used. */
  readonly #stretches: Stretch[] = [];
  /** Given back, usable at once. */
  #spare = 0;
  #spareUntil = 0;
  /** Taken beyond what there was: the next leases pay. */
  #debt = 0;
  /** Units that nobody used in time. */
  lapsed = 0;

  constructor(unitMs: number, burstMs: number) {
    this.#unitMs = unitMs;
    this.#burstMs = burstMs;
  }

  add(now: number, start: number, units: number): void {
    const paid = Math.min(this.#debt, units);
    this.#debt -= paid;
    if (units > paid) {
      const left = { start: start + paid * this.#unitMs, units: units - paid, since: now };
      this.#stretches.push(left);
    }
  }

  /** Of all leases, minus debts. */
  units(now: number): number {
    let sum = (now <= this.#spareUntil ? this.#spare : 0) - this.#debt;
    for (const { units } of this.#stretches) sum += units;
    return sum;
  }

  /** Until `cost` more than `ahead` may be used; undefined if there is not so much. */
  waitMs(now: number, cost: number, ahead: number): number | undefined {
    // A cost above the burst waits for the whole burst, and is paid off by what comes later.
    const most = this.#burstMs / this.#unitMs;
    let need = ahead + Math.min(cost, most) + this.#debt;
    if (now <= this.#spareUntil) need -= this.#spare;
    if (need <= 0) return 0;
    for (const { start, units } of this.#stretches) {
      if (need <= units + 1e-9) {
        return Math.max(0, start + need * this.#unitMs - this.#burstMs - now);
      }
      need -= units;
    }
    return undefined;
  }

  take(now: number, cost: number): void {
    let left = cost;
    if (now <= this.#spareUntil) {
      const used = Math.min(this.#spare, left);
      this.#spare -= used;
      left -= used;
    }
    for (let first = this.#stretches[0]; left > 0 && first !== undefined;) {
      const used = Math.min(first.units, left);
      first.units -= used;
      first.start += used * this.#unitMs;
      left -= used;
      if (first.units > 1e-9) break;
      this.#stretches.shift();
      first = this.#stretches[0];
    }
    this.#debt += left;
  }

  giveBack(now: number, units: number, keepMs: number): void {
    const paid = Math.min(this.#debt, units);
    this.#debt -= paid;
    if (now > this.#spareUntil) this.#spare = 0;
    this.#spare += units - paid;
    this.#spareUntil = now + keepMs;
  }

  /** Drops what could have been used `keepMs` ago: saved up, it would come on top of what others have taken since. */
  expire(now: number, keepMs: number): boolean {
    if (now > this.#spareUntil) this.#spare = 0;
    let some = false;
    for (let first = this.#stretches[0]; first !== undefined; first = this.#stretches[0]) {
      if (now - first.since < keepMs) break;
      const late = now - keepMs - (first.start - this.#burstMs);
      const gone = Math.min(first.units, Math.floor(late / this.#unitMs));
      if (gone <= 0) break;
      some = true;
      first.units -= gone;
      first.start += gone * this.#unitMs;
      this.lapsed += gone;
      if (first.units > 1e-9) break;
      this.#stretches.shift();
    }
    return some;
  }

  clear(): void {
    this.#stretches.length = 0;
    this.#spare = 0;
  }
}
