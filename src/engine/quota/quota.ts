/** What a tenant has used in the current day and month, and whether anything is left. */
import { type Period, periodEnd, periodStart } from "./period.ts";
import { larger, type QuotaRow, type Usage } from "./quota_row.ts";

/** Absent: no limit. */
export type QuotaLimits = Partial<Usage>;

export interface QuotaRefusal {
  readonly retryAfterMs: number;
  readonly period: Period;
  readonly what: keyof Usage;
  /** Not because it is used up, but because nobody knows. */
  readonly away?: true;
}

const NOTHING: Usage = { calls: 0, bytes: 0, cost: 0 };
const AWAY_RETRY_MS = 5_000;
const KINDS = ["calls", "bytes", "cost"] as const;

/** One tenant's use in one kind of period. Times are epoch times, by which days and months are defined. */
export class Quota {
  readonly tenantId: string;
  readonly period: Period;
  readonly #limits: QuotaLimits;
  readonly #writer: string;
  #start = -Infinity;
  #end = -Infinity;
  readonly #own = { calls: 0, bytes: 0, cost: 0 };
  /** Counted by other processes and this one's predecessors. */
  readonly #others = new Map<string, Usage>();
  readonly #sum = { calls: 0, bytes: 0, cost: 0 };
  /** What had been used when the others could be asked last, while they cannot. */
  #alone: Usage | undefined;
  #changed = false;
  /** Calls counted since the last row was returned. */
  #unwritten = 0;

  constructor(tenantId: string, period: Period, limits: QuotaLimits, writer: string) {
    this.tenantId = tenantId;
    this.period = period;
    this.#limits = limits;
    this.#writer = writer;
  }

  /**
   * Counts a call, or says when there is some left again. Bytes and cost are only known afterwards: the call that
   * goes over the limit is made, the next is refused. `part`: of what is left, while others cannot be asked.
   */
  take(now: number, part?: number): QuotaRefusal | undefined {
    this.#moveTo(now);
    const { calls, bytes, cost } = this.#limits;
    const sum = this.#sum;
    const what = calls !== undefined && sum.calls >= calls
      ? "calls"
      : bytes !== undefined && sum.bytes >= bytes
      ? "bytes"
      : cost !== undefined && sum.cost >= cost
      ? "cost"
      : undefined;
    if (what !== undefined) return { retryAfterMs: this.#end - now, period: this.period, what };
    const unknown = part === undefined ? this.#together() : this.#apart(part);
    if (unknown !== undefined) return unknown;
    this.#add("calls", 1);
    return undefined;
  }

  #together(): undefined {
    this.#alone = undefined;
  }

  #apart(part: number): QuotaRefusal | undefined {
    const known = this.#alone ??= { ...this.#sum };
    const what = KINDS.find((kind) => {
      const limit = this.#limits[kind];
      if (limit === undefined) return false;
      // What costs money is not guessed.
      return kind === "cost" || this.#sum[kind] >= known[kind] + (limit - known[kind]) * part;
    });
    return what && { retryAfterMs: AWAY_RETRY_MS, period: this.period, what, away: true };
  }

  /** A call that was not made after all. */
  untake(takenAt: number, now: number): void {
    this.#moveTo(now);
    // A row never shrinks once it may have been written; and yesterday's call does not count today.
    if (takenAt >= this.#start && this.#unwritten > 0) {
      this.#unwritten--;
      this.#own.calls--;
      this.#sum.calls--;
    }
  }

  /** What a call actually used. */
  add(now: number, bytes: number, cost: number): void {
    this.#moveTo(now);
    this.#add("bytes", bytes);
    this.#add("cost", cost);
  }

  usage(now: number): Usage {
    this.#moveTo(now);
    return { ...this.#sum };
  }

  isUnused(now: number): boolean {
    this.#moveTo(now);
    return this.#sum.calls === 0 && this.#sum.bytes === 0 && this.#sum.cost === 0;
  }

  /** What must be written since the last call; undefined if nothing changed. */
  takeChange(now: number): QuotaRow | undefined {
    this.#moveTo(now);
    if (!this.#changed) return undefined;
    this.#changed = false;
    this.#unwritten = 0;
    return this.#row();
  }

  /** The row could not be written and is due again. */
  keepChange(): void {
    this.#changed = true;
  }

  /** Adds a stored row; any number of times, in any order. */
  merge(row: QuotaRow, now: number): void {
    this.#moveTo(now);
    if (row.start !== this.#start || row.writer === this.#writer) return;
    const before = this.#others.get(row.writer) ?? NOTHING;
    const after = larger(before, row);
    this.#others.set(row.writer, after);
    for (const what of KINDS) this.#sum[what] += after[what] - before[what];
  }

  #row(): QuotaRow {
    const { tenantId, period } = this;
    return { tenantId, period, start: this.#start, writer: this.#writer, ...this.#own };
  }

  #add(what: keyof Usage, amount: number): void {
    if (amount <= 0) return;
    this.#own[what] += amount;
    this.#sum[what] += amount;
    this.#changed = true;
    if (what === "calls") this.#unwritten++;
  }

  /**
   * Only moves forward: a clock that is set back must not grant the same day twice. One that was far ahead and is right again
   * takes along what was counted meanwhile: else the tenant would have used up a day that is years away.
   */
  #moveTo(now: number): void {
    if (now < this.#end) {
      if (now >= 2 * this.#start - this.#end) return;
      this.#start = periodStart(this.period, now);
      this.#end = periodEnd(this.period, this.#start);
      return;
    }
    this.#start = periodStart(this.period, now);
    this.#end = periodEnd(this.period, this.#start);
    for (const what of KINDS) this.#own[what] = this.#sum[what] = 0;
    this.#others.clear();
    this.#alone = undefined;
    this.#changed = false;
    this.#unwritten = 0;
  }
}
