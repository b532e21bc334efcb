/**
 * Schedules reads. Runtimes read a socket that is never empty many times before they check timers and other sockets (Bun
 * eleven times half a megabyte, Deno forever), so a fast upstream would hold up everyone else: after a number of bytes,
 * from whatever sockets, further reads wait for the next turn of the event loop.
 */
const BYTES_A_TURN = 524_288;

/** What a runtime's socket provides. */
interface Pausable {
  pause(): void;
  resume(): void;
}

export class Turns {
  #spent = 0;
  #resting: Reading[] = [];
  readonly #schedule: (next: () => void) => void;
  readonly #next = (): void => {
    const resting = this.#resting;
    this.#resting = [];
    this.#spent = 0;
    for (const reading of resting) reading.rested();
  };

  /** @param schedule calls back when timers and other sockets have had their turn. */
  constructor(schedule: (next: () => void) => void) {
    this.#schedule = schedule;
  }

  reading(socket: Pausable): Reading {
    return new Reading(this, socket);
  }

  /** Whether the turn has room for more. */
  spend(count: number): boolean {
    this.#spent += count;
    return this.#spent < BYTES_A_TURN;
  }

  rest(reading: Reading): void {
    this.#resting.push(reading);
    if (this.#resting.length === 1) this.#schedule(this.#next);
  }
}

export class Reading {
  #held = false;
  #resting = false;
  #closed = false;
  readonly #turns: Turns;
  readonly #socket: Pausable;

  constructor(turns: Turns, socket: Pausable) {
    this.#turns = turns;
    this.#socket = socket;
  }

  /** The reader cannot keep up. */
  pause(): void {
    this.#held = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#held = false;
    if (!this.#resting) this.#socket.resume();
  }

  close(): void {
    this.#closed = true;
  }

  /** Counts bytes that arrived and were passed on. */
  took(count: number): void {
    if (this.#turns.spend(count) || this.#resting || this.#closed) return;
    this.#resting = true;
    this.#socket.pause();
    this.#turns.rest(this);
  }

  rested(): void {
    this.#resting = false;
    if (!this.#held && !this.#closed) this.#socket.resume();
  }
}
