/**
 * Timeouts by the hundred thousand: one list per length of time, each in order of expiry, so that arming, renewing and
 * cancelling are a few pointer writes and a runtime timer is set once per list, not once per call.
 */
import type { Clock } from "../core/clock.ts";

export interface Timeout {
  /** Restarts the same length of time. */
  renew(): void;
  cancel(): void;
}

export interface Timers {
  /** Calls back once, `ms` from now (rounded up to whole milliseconds, at least 1). */
  after(ms: number, callback: () => void): Timeout;
  /** The same with an argument, which costs no closure; `from`: counted from then, a moment ago. */
  after<T>(ms: number, callback: (argument: T) => void, argument: T, from?: number): Timeout;
}

export function createTimers(clock: Clock): Timers {
  const lists = new Map<number, TimeoutList>();
  return {
    after<T>(ms: number, callback: (argument?: T) => void, argument?: T, from?: number) {
      const length = Math.max(1, Math.ceil(ms));
      let list = lists.get(length);
      if (list === undefined) {
        list = new TimeoutList(clock, length, () => lists.delete(length));
        lists.set(length, list);
      }
      return list.add(callback as (argument: unknown) => void, argument, from);
    },
  };
}

/** One runtime timer each: for workerd, where a timer belongs to the request that set it and dies with it. */
export function createSingleTimers(clock: Clock): Timers {
  return {
    after<T>(ms: number, callback: (argument?: T) => void, argument?: T) {
      const length = Math.max(1, Math.ceil(ms));
      const late = (): void => callback(argument);
      let timer = clock.setTimeout(late, length);
      return {
        renew() {
          clock.clearTimeout(timer);
          timer = clock.setTimeout(late, length);
        },
        cancel: () => clock.clearTimeout(timer),
      };
    },
  };
}

class Entry implements Timeout {
  previous: Entry | undefined;
  next: Entry | undefined;
  at = 0;
  armed = false;
  readonly list: TimeoutList;
  readonly callback: (argument: unknown) => void;
  readonly argument: unknown;

  constructor(list: TimeoutList, callback: (argument: unknown) => void, argument: unknown) {
    this.list = list;
    this.callback = callback;
    this.argument = argument;
  }

  renew(): void {
    this.list.remove(this);
    this.list.append(this);
  }

  cancel(): void {
    this.list.remove(this);
  }
}

class TimeoutList {
  #first: Entry | undefined;
  #last: Entry | undefined;
  #ticking = false;
  readonly #clock: Clock;
  readonly #length: number;
  readonly #drop: () => void;

  constructor(clock: Clock, length: number, drop: () => void) {
    this.#clock = clock;
    this.#length = length;
    this.#drop = drop;
  }

  add(
    callback: (argument: unknown) => void,
    argument: unknown,
    from: number | undefined,
  ): Entry {
    const entry = new Entry(this, callback, argument);
    this.append(entry, from);
    return entry;
  }

  append(entry: Entry, from: number = this.#clock.monotonic()): void {
    entry.at = from + this.#length;
    entry.armed = true;
    entry.previous = this.#last;
    if (this.#last) this.#last.next = entry;
    else this.#first = entry;
    this.#last = entry;
    if (!this.#ticking) this.#tickIn(this.#length);
  }

  remove(entry: Entry): void {
    if (!entry.armed) return;
    entry.armed = false;
    if (entry.previous) entry.previous.next = entry.next;
    else this.#first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else this.#last = entry.previous;
    entry.previous = undefined;
    entry.next = undefined;
  }

  #tickIn(ms: number): void {
    this.#ticking = true;
    this.#clock.setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    this.#ticking = false;
    const now = this.#clock.monotonic();
    for (let entry = this.#first; entry !== undefined; entry = this.#first) {
      if (entry.at > now) {
        this.#tickIn(Math.max(1, Math.ceil(entry.at - now)));
        return;
      }
      this.remove(entry);
      entry.callback(entry.argument);
    }
    if (this.#first === undefined) this.#drop();
  }
}
