/** Simulated time: events in a heap, and everything that promises do in between, before time moves on. */
import type { Clock } from "../../src/core/clock.ts";

interface Event {
  readonly at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

const START = 1_700_000_000_000;

export class EventClock {
  /** Ms since the start. */
  time = 0;
  readonly #heap: Event[] = [];
  #order = 0;

  /** A machine's view: its clock may be off by `skewMs`. */
  seenFrom(skewMs: number): Clock {
    return {
      now: () => START + this.time + skewMs,
      monotonic: () => this.time,
      setTimeout: (callback, ms) => this.in(ms, callback),
      clearTimeout: (event) => {
        if (event !== undefined) (event as Event).callback = undefined;
      },
    };
  }

  in(ms: number, callback: () => void): unknown {
    const event: Event = { at: this.time + Math.max(0, ms), order: this.#order++, callback };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(event, heap[up] as Event)) break;
      heap[at] = heap[up] as Event;
      at = up;
    }
    heap[at] = event;
    return event;
  }

  async runUntil(end: number): Promise<void> {
    await settled();
    for (let first = this.#heap[0]; first !== undefined && first.at <= end; first = this.#heap[0]) {
      this.time = first.at;
      let ran = false;
      for (let due = first; due?.at === this.time; due = this.#heap[0] as Event) {
        this.#pop();
        if (due.callback !== undefined) {
          ran = true;
          due.callback();
        }
      }
      if (ran) await settled();
    }
    this.time = end;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && before(heap[down + 1] as Event, heap[down] as Event)) down++;
      if (!before(heap[down] as Event, last)) break;
      heap[at] = heap[down] as Event;
      at = down;
    }
    heap[at] = last;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** All that promises have to do is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
