/** Waiting for a turn, with what all queues share: time is counted, deadline errors name the queue, an abort ends the wait. */
import { Soon } from "../core/async/soon.ts";
import type { Clock } from "../core/clock.ts";
import type { ActiveCall } from "./call.ts";
import { keepAlive, letEnd } from "./keep_alive.ts";

/**
 * `join` enters the queue and returns how to leave it, which must take constant time: a thousand calls may be aborted at once.
 * What it throws is thrown here. Rejects with the reason of an abort. What follows a turn runs within `onTurn`: await it where
 * the queue cannot be entered or left meanwhile.
 */
export function inQueue<T>(
  call: ActiveCall,
  clock: Clock,
  name: string,
  join: (onTurn: (turn: T) => void) => () => void,
): PromiseLike<T> {
  const wait = new Wait<T>(call, clock);
  wait.begin(name, join((turn) => wait.end(turn)));
  return wait;
}

/** Also what is told of the abort, so that a wait is one object. */
class Wait<T> extends Soon<T> {
  readonly #call: ActiveCall;
  readonly #clock: Clock;
  readonly #since: number;
  #over = false;
  #leave: (() => void) | undefined;

  constructor(call: ActiveCall, clock: Clock) {
    super();
    this.#call = call;
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  begin(name: string, leave: () => void): void {
    // The turn may have come at once.
    if (this.#over) return;
    this.#leave = leave;
    this.#call.waitingFor = name;
    this.#call.signal.addEventListener("abort", this);
    keepAlive();
  }

  end(turn: T): void {
    this.#end();
    this.resolve(turn);
  }

  handleEvent(): void {
    this.#leave?.();
    this.#end();
    this.reject(this.#call.signal.reason);
  }

  #end(): void {
    this.#over = true;
    const call = this.#call;
    call.queuedMs += this.#clock.monotonic() - this.#since;
    if (this.#leave === undefined) return;
    this.#leave = undefined;
    call.signal.removeEventListener("abort", this);
    call.waitingFor = undefined;
    letEnd();
  }
}
